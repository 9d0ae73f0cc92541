//! `tidings digest`: a week as it is told, shown or mailed, without a server.

use std::process::ExitCode;
use std::time::Duration;

use tidings_api::digest::{self, Issue, Week};
use tidings_api::{App, AppOptions, Problem};
use tidings_exchange::{Exchange, Home, Options};
use tidings_post::{Post, Sent, Smtp};
use tidings_store::Store;

use crate::cli::{DigestArgs, DigestForm};
use crate::database;
use crate::failure::{Failure, failed};
use crate::keys;
use crate::say::say;
use crate::settings::{self, Place};

/// How long history may take to come to where the journal is.
const CATCHING_UP: Duration = Duration::from_secs(600);

pub(crate) async fn digest(args: DigestArgs) -> Result<ExitCode, Failure> {
    let smtp = settings::mail_of(&args.place, args.mail)?;
    if args.send && smtp.is_none() {
        return Err(Failure::new("--send takes --smtp and --mail-from"));
    }
    let public = args.public_url.map(settings::public).transpose()?;
    let place = Place::of(args.place)?;
    database::exists(&place)?;
    let what = "the week cannot be told";
    let store = Store::open(&place.database).await.map_err(failed(what))?;
    let home = Home::open(&place.data).map_err(failed(what))?;
    let options = Options {
        home: Some(home),
        ..Options::default()
    };
    let exchange = Exchange::start(store.clone(), options).await;
    let exchange = exchange.map_err(failed(what))?;
    let public = public.unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let app = App::new(
        exchange.clone(),
        AppOptions::new(keys::secret(&place.data)?, public),
    );
    let week = args.week.unwrap_or_else(|| Week::of(app.now()).before());
    let done = match args.send {
        true => send(app, smtp, week).await,
        false => show(&app, week, args.form).await,
    };
    exchange.shutdown().await;
    store.close().await;
    done
}

async fn show(app: &App, week: Week, form: DigestForm) -> Result<ExitCode, Failure> {
    let issue = told(app, week).await?;
    let unsubscribe = format!("{}/digest", app.base_url());
    let letter = tidings_web::letters::weekly(&issue, &unsubscribe);
    let letter = letter.map_err(failed("the week cannot be written"))?;
    match form {
        DigestForm::Text => say(&letter.text),
        DigestForm::Html => say(&letter.html),
        DigestForm::Json => {
            let json = serde_json::to_string_pretty(&issue.digest);
            say(&json.map_err(failed("the week cannot be written"))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn send(app: App, smtp: Option<Smtp>, week: Week) -> Result<ExitCode, Failure> {
    told(&app, week).await?;
    let sent = Post::new(app, smtp).send_week(week).await;
    let Sent {
        sent,
        later,
        refused,
        unknown,
        dropped,
        away,
    } = sent.map_err(|problem| refused_with(&problem))?;
    say(&format!(
        "{week}: {sent} sent, {later} to be tried later, {refused} refused, {unknown} in doubt and not sent again, \
         {dropped} not wanted any more"
    ));
    match away {
        true => Err(Failure::new(
            "the relay for mail is away: what is due waits",
        )),
        false => Ok(ExitCode::SUCCESS),
    }
}

async fn told(app: &App, week: Week) -> Result<Issue, Failure> {
    let exchange: &Exchange = app.exchange();
    let end = exchange.committed().seq;
    if !exchange.projected_past(end, CATCHING_UP).await {
        return Err(Failure::new("history has not come to where the journal is"));
    }
    let issue = digest::make(app, week).await;
    let issue = issue.map_err(|problem| refused_with(&problem))?;
    issue.ok_or_else(|| Failure::new(format!("{week} is not over yet")))
}

fn refused_with(problem: &Problem) -> Failure {
    Failure::new(format!("the week cannot be told: {}", problem.detail()))
}
