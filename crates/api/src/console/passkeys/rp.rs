//! The relying party, as WebAuthn calls whom passkeys are for: this server under the address that readers use.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};
use url::{Host, Url};
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Uuid, WebauthnError, WebauthnResult,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::WAIT;

/// Asks for passkeys, and checks them.
pub(super) struct RelyingParty {
    webauthn: Webauthn,
    origin: String,
}

impl RelyingParty {
    /// The one at an address; none, where browsers have no passkeys. They are for names, so that of this machine stands
    /// in for its addresses.
    pub(super) fn at(base_url: &str) -> Option<RelyingParty> {
        let mut url = Url::parse(base_url).ok()?;
        let is_here = url.host().is_some_and(|host| match host {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            // `localhost` is this address, and no other one that is this machine's.
            Host::Ipv4(address) => address == Ipv4Addr::LOCALHOST,
            Host::Ipv6(address) => address.is_loopback(),
        });
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return None;
        }
        if is_here && url.domain().is_none() {
            url.set_host(Some("localhost")).ok()?;
        }
        let origin = url.origin().ascii_serialization();
        let url = Url::parse(&origin).ok()?;
        let wait = Duration::from_secs(WAIT.into());
        let builder = WebauthnBuilder::new(url.domain()?, &url).ok()?;
        let webauthn = builder.rp_name("Tidings console").timeout(wait).build();
        Some(RelyingParty {
            webauthn: webauthn.ok()?,
            origin,
        })
    }

    /// Its pages.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Asks an authenticator for a passkey that none of those is.
    pub(super) fn ask_to_add(
        &self,
        handle: Uuid,
        name: &str,
        called: &str,
        had: Vec<CredentialID>,
    ) -> WebauthnResult<(Value, PasskeyRegistration)> {
        let asked = self
            .webauthn
            .start_passkey_registration(handle, name, called, Some(had));
        let (options, state) = asked?;
        let mut options = told(&options)?;
        // One that is found without a name being typed: the crate asks for any.
        let chosen = &mut options["publicKey"]["authenticatorSelection"];
        chosen["residentKey"] = json!("required");
        chosen["requireResidentKey"] = json!(true);
        Ok((options, state))
    }

    /// The passkey that was made.
    pub(super) fn added(
        &self,
        answer: &RegisterPublicKeyCredential,
        asked: &PasskeyRegistration,
    ) -> WebauthnResult<Passkey> {
        self.webauthn.finish_passkey_registration(answer, asked)
    }

    /// Asks an authenticator for whichever passkey it has.
    pub(super) fn ask_to_sign_in(&self) -> WebauthnResult<(Value, DiscoverableAuthentication)> {
        let (options, state) = self.webauthn.start_discoverable_authentication()?;
        let mut options = told(&options)?;
        // It is asked for with a button, and not while a name is typed.
        options.as_object_mut().map(|all| all.remove("mediation"));
        Ok((options, state))
    }

    /// What was signed with a passkey.
    pub(super) fn signed(
        &self,
        answer: &PublicKeyCredential,
        asked: DiscoverableAuthentication,
        key: &Passkey,
    ) -> WebauthnResult<AuthenticationResult> {
        let signed = self
            .webauthn
            .finish_discoverable_authentication_v2(answer, asked, key)?;
        match signed.user_verified() {
            true => Ok(signed),
            false => Err(WebauthnError::UserNotVerified),
        }
    }
}

fn told(options: &impl serde::Serialize) -> WebauthnResult<Value> {
    serde_json::to_value(options).map_err(WebauthnError::ParseJSONFailure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_names_with_tls_or_on_this_machine() {
        for (base_url, origin) in [
            ("https://odds.example", Some("https://odds.example")),
            (
                "https://odds.example:8443/paper",
                Some("https://odds.example:8443"),
            ),
            ("http://localhost:4800", Some("http://localhost:4800")),
            ("http://127.0.0.1:4800", Some("http://localhost:4800")),
            ("http://[::1]:4800", Some("http://localhost:4800")),
            ("http://127.0.0.2:4800", None),
            ("http://odds.example", None),
            ("https://192.0.2.7", None),
            ("http://192.0.2.7:4800", None),
            ("ftp://odds.example", None),
            ("odds.example", None),
            ("", None),
        ] {
            let party = RelyingParty::at(base_url);
            assert_eq!(
                party.as_ref().map(RelyingParty::origin),
                origin,
                "{base_url}"
            );
        }
    }

    #[test]
    fn an_authenticator_is_asked_for_one_that_it_finds_and_verifies_for() {
        let party = RelyingParty::at("https://odds.example").unwrap();
        let (asked, _) = party
            .ask_to_add(Uuid::from_bytes([7; 16]), "mika", "Mika", Vec::new())
            .unwrap();
        let asked = &asked["publicKey"];
        assert_eq!(asked["rp"]["id"], "odds.example");
        assert_eq!(asked["attestation"], "none");
        let chosen = &asked["authenticatorSelection"];
        assert_eq!(
            (&chosen["residentKey"], &chosen["userVerification"]),
            (&json!("required"), &json!("required"))
        );
        let (asked, _) = party.ask_to_sign_in().unwrap();
        assert_eq!(asked["publicKey"]["userVerification"], "required");
        assert_eq!(asked["publicKey"]["allowCredentials"], json!([]));
        assert_eq!(asked.get("mediation"), None);
    }
}
