//! `tidings sign`: the headers that sign a request, one a line, as `curl -H @-` reads them.

use std::io::Read as _;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{Method, Uri};
use tidings_signature::{Component, SecretKey, Target, required};

use crate::cli::SignArgs;
use crate::failure::{Failure, failed};
use crate::keys;
use crate::say::say;

/// Prints the headers of a request that is made at this moment.
pub(crate) fn sign(args: &SignArgs) -> Result<ExitCode, Failure> {
    let method = Method::from_bytes(args.method.to_ascii_uppercase().as_bytes());
    let method = method.map_err(failed(format!("{:?} is no method", args.method)))?;
    let uri: Uri = args
        .url
        .parse()
        .map_err(failed(format!("{:?} is no address", args.url)))?;
    let shown = args.key.display();
    let pem = std::fs::read_to_string(&args.key)
        .map_err(failed(format!("the key in {shown} cannot be read")))?;
    let secret = SecretKey::from_pem(&pem).map_err(failed(format!("{shown} is no key")))?;
    let body = body(args)?;
    let target = Target {
        method: method.as_str(),
        path: uri.path(),
        query: uri.query(),
    };
    let is_command = required(target.method, target.path).contains(&Component::IdempotencyKey);
    let idempotency_key = match &args.idempotency_key {
        Some(key) => Some(key.clone()),
        // A command that is sent again is another one, unless its sender says otherwise.
        None if is_command => Some(blake3::Hash::from(keys::random()?).to_hex().to_string()),
        None => None,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(failed("the machine's clock is before 1970"))?;
    let created = i64::try_from(now.as_secs()).map_err(failed("the machine's clock is far off"))?;
    let signed = secret.sign(target, &body, idempotency_key.as_deref(), created);
    let lines = signed.headers.iter();
    let lines: Vec<String> = lines
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    say(&lines.join("\n"));
    Ok(ExitCode::SUCCESS)
}

fn body(args: &SignArgs) -> Result<Vec<u8>, Failure> {
    match (&args.data, &args.data_file) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, Some(path)) if path.as_os_str() == "-" => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(failed("the body cannot be read"))?;
            Ok(bytes)
        }
        (None, Some(path)) => std::fs::read(path).map_err(failed(format!(
            "the body in {} cannot be read",
            path.display()
        ))),
        (None, None) => Ok(Vec::new()),
    }
}
