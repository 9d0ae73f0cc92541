//! What whoever starts the server reads first. The last line is for programs.

use crate::demo::Demo;
use crate::say::say;
use crate::serve::FirstKey;
use crate::settings::Settings;

/// What there is to say.
pub(super) struct Welcome<'a> {
    /// Where readers come in.
    pub(super) public: &'a str,
    /// Where this machine comes in.
    pub(super) local: &'a str,
    pub(super) settings: &'a Settings,
    pub(super) first_key: Option<&'a FirstKey>,
    pub(super) demo: &'a Demo,
}

impl Welcome<'_> {
    pub(super) fn print(&self) {
        let Welcome { public, local, .. } = self;
        say(&format!(
            "\n  Tidings {}: news, with the odds beside it\n",
            env!("CARGO_PKG_VERSION")
        ));
        line("Front page", &format!("{public}/"));
        line("API", &format!("{public}/docs"));
        line("Database", &self.settings.place.shown());
        match self.first_key {
            Some(FirstKey { text, given: false }) => {
                line("Admin key", text);
                line("", "shown this once; `tidings keys` makes another");
            }
            Some(FirstKey { given: true, .. }) => line("Admin key", "TIDINGS_ADMIN_KEY"),
            None => {}
        }
        match self.demo {
            Demo::Off => {}
            Demo::Open { .. } => line("Sample", "a newsroom is being set up; --no-demo for none"),
            Demo::GoOn { keys_file, .. } => {
                line(
                    "Sample",
                    &format!("its traders go on; keys in {}", keys_file.display()),
                );
            }
        }
        if !matches!(self.demo, Demo::Open { .. }) {
            line("Try", &format!("curl {public}/v1/markets"));
        }
        say(&format!("\nlistening on {local}"));
    }
}

fn line(name: &str, words: &str) {
    say(&format!("  {name:<12} {words}"));
}
