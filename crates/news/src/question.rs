//! A question before it is asked: what a reader would trip over later, found while it can be changed.
//!
//! In: a [`Question`] as somebody drafted it, in whatever state. Out: [`Checked`], findings with stable
//! codes, each with the field and what to do, and the checks that were not made because the draft's
//! language is not one in which they can be. What is found is advice to people: nothing is refused here, and a draft
//! without a finding can still be a bad one. Pure; knows no market, no money and no clock.

use jiff::Timestamp;

pub use code::{Code, Severity};

use crate::language;
use prose::Prose;

pub mod alike;
mod code;
mod english;
mod moment;
mod prose;
pub mod template;

#[cfg(test)]
mod tests;

/// Stories that a question comes with at least, and at most: with one nobody sees where the line is,
/// and more than a dozen nobody reads.
pub const WORLDS: std::ops::RangeInclusive<usize> = 2..=12;

/// A question as it is drafted. What is not written yet is empty.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// How its outcomes are to be read.
    pub form: Form,
    /// What it asks.
    pub text: String,
    /// What can happen: the names that readers see.
    pub outcomes: Vec<String>,
    /// What counts as each outcome.
    pub criteria: String,
    /// What counts in the cases that people will argue about.
    pub edge_cases: Vec<String>,
    /// Who is believed.
    pub sources: Vec<Source>,
    /// When trading ends before its time, clause by clause.
    pub early_close: Vec<String>,
    /// When trading ends.
    pub closes_at: Option<Timestamp>,
    /// Short made-up stories with what each comes to, in whatever words.
    pub worlds: Vec<World>,
    /// Addresses of the articles that it hangs off.
    pub articles: Vec<String>,
}

/// How a question's outcomes are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Yes and No.
    #[default]
    Binary,
    /// One of several.
    Categorical,
    /// A number on a scale.
    Scalar,
}

/// Who is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Where to look.
    pub url: String,
    /// Whether it decides alone.
    pub primary: bool,
}

/// A short made-up story, and what the question comes to in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// What happens in it.
    pub story: String,
    /// What the question comes to; the same words for the same end.
    pub comes_to: String,
}

/// Something that a draft should be cured of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind it is.
    pub code: Code,
    /// Where: a member of the draft as the API writes it.
    pub field: String,
    /// What to do, as a sentence.
    pub advice: String,
}

/// What was found, and what was not looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The draft's language: `en`, `ja`, `ko`, or `und` when its script does not tell.
    pub language: &'static str,
    /// Blockers first, and each kind in the order of the form.
    pub findings: Vec<Finding>,
    /// What could not be looked for in that language.
    pub not_checked: Vec<Code>,
}

impl Checked {
    /// Whether something has to be changed before anybody should trade on it.
    pub fn is_blocked(&self) -> bool {
        let mut codes = self.findings.iter().map(|finding| finding.code);
        codes.any(|code| code.severity() == Severity::Blocker)
    }
}

/// Looks a draft through.
pub fn check(question: &Question) -> Checked {
    let prose = Prose::of(question);
    let mut found = Found(Vec::new());
    asks(question, &mut found);
    outcomes(question, &prose, &mut found);
    deadline(question, &prose, &mut found);
    let early_close_told = early_close(question, prose.language, &mut found);
    sources(question, &mut found);
    if prose.tells_silence() == Some(false) {
        found.add(Code::SilenceRuleMissing, "rules.criteria");
    }
    worlds(question, &mut found);
    let mut not_checked = Vec::new();
    match prose.language {
        "en" => english::check(question, &prose, &mut found),
        "ja" | "ko" => not_checked.extend(english::CODES),
        _ => {
            not_checked.extend(english::CODES);
            not_checked.push(Code::SilenceRuleMissing);
        }
    }
    if !early_close_told {
        not_checked.push(Code::EarlyCloseMissing);
    }
    let mut findings = found.0;
    findings.sort_by_key(|finding| finding.code.severity());
    Checked {
        language: prose.language,
        findings,
        not_checked,
    }
}

/// The language of a draft, from all that it says.
pub fn language_of(question: &Question) -> &'static str {
    let parts = [&question.text, &question.criteria];
    let all: Vec<&str> = parts
        .into_iter()
        .chain(&question.edge_cases)
        .map(String::as_str)
        .collect();
    language::guess(&all.join("\n"))
}

/// Findings as they are made.
struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, code: Code, field: &str) {
        self.say(code, field, code.advice().to_owned());
    }

    /// With what it is about in its words.
    fn name(&mut self, code: Code, field: &str, what: &str) {
        self.say(code, field, format!("“{what}”: {}", code.advice()));
    }

    fn say(&mut self, code: Code, field: &str, advice: String) {
        self.0.push(Finding {
            code,
            field: field.to_owned(),
            advice,
        });
    }
}

fn asks(question: &Question, found: &mut Found) {
    let text = question.text.trim();
    if !text.ends_with(['?', '？']) {
        found.add(Code::QuestionMarkMissing, "question");
    }
}

fn outcomes(question: &Question, prose: &Prose, found: &mut Found) {
    match question.form {
        Form::Binary => {
            for name in &question.outcomes {
                if !prose.spells_out(name) {
                    found.name(Code::OutcomeNotSpelledOut, "rules.criteria", name);
                }
            }
        }
        Form::Categorical => {
            for name in &question.outcomes {
                if !prose.mentions(name) {
                    found.name(Code::OutcomeNotInRules, "rules.criteria", name);
                }
            }
            if !prose::is_exhaustive(&question.outcomes) {
                found.add(Code::OutcomesNotExhaustive, "outcomes");
            }
        }
        Form::Scalar => {}
    }
}

/// Whatever is decided is decided by a moment that everybody reads alike, and nobody trades after it.
fn deadline(question: &Question, prose: &Prose, found: &mut Found) {
    if question.closes_at.is_none() {
        found.add(Code::ClosesAtMissing, "closes_at");
    }
    let stated = moment::stated(&prose.rules);
    let zoned: Vec<_> = stated.iter().filter_map(|one| one.at).collect();
    let Some(last) = zoned.iter().max() else {
        let code = match stated.is_empty() {
            true => Code::DeadlineMissing,
            false => Code::DeadlineZoneMissing,
        };
        found.add(code, "rules.criteria");
        return;
    };
    if !stated.iter().any(|one| one.at.is_some() && one.has_time) {
        found.add(Code::DeadlineTimeMissing, "rules.criteria");
    }
    if question.closes_at.is_some_and(|closes| *last < closes) {
        found.add(Code::DeadlineBeforeClose, "closes_at");
    }
}

/// What is asked to happen before a moment may have happened long before it: then whoever knows trades with whoever
/// does not, until somebody closes. Told only of a Yes or No question that names its moment as a deadline; says
/// whether it could be told in this language.
fn early_close(question: &Question, language: &str, found: &mut Found) -> bool {
    if question.form != Form::Binary || !question.early_close.is_empty() {
        return true;
    }
    match moment::is_deadline(&question.text, language) {
        Some(true) if question.closes_at.is_some() => {
            found.add(Code::EarlyCloseMissing, "rules.early_close");
            true
        }
        Some(_) => true,
        None => false,
    }
}

fn sources(question: &Question, found: &mut Found) {
    let sources = &question.sources;
    let field = "rules.sources";
    let primary = sources.iter().filter(|source| source.primary).count();
    match primary {
        0 => found.add(Code::PrimarySourceMissing, field),
        1 => {}
        _ => found.add(Code::SeveralPrimarySources, field),
    }
    if sources.len() == primary || sources.len() < 2 {
        found.add(Code::FallbackSourceMissing, field);
    }
    let linked = |source: &&Source| {
        let mut articles = question.articles.iter();
        articles.any(|article| prose::same_address(article, &source.url))
    };
    let resting = sources.iter().filter(linked).count();
    if resting > 0 && resting == sources.len() {
        found.add(Code::RestsOnOneArticle, field);
    }
    for source in sources.iter().filter(|source| source.primary) {
        if prose::is_personal(&source.url) {
            found.name(Code::RestsOnOnePerson, field, &source.name);
        }
    }
    let hosts: Vec<_> = sources
        .iter()
        .filter_map(|source| prose::host(&source.url))
        .collect();
    if hosts.len() > 1 && hosts.windows(2).all(|pair| pair[0] == pair[1]) {
        found.add(Code::SourcesShareHost, field);
    }
}

fn worlds(question: &Question, found: &mut Found) {
    let worlds = &question.worlds;
    if !WORLDS.contains(&worlds.len()) {
        found.add(Code::WorldsMissing, "worlds");
    } else if worlds
        .windows(2)
        .all(|pair| pair[0].comes_to == pair[1].comes_to)
    {
        found.add(Code::WorldsOneSided, "worlds");
    }
}
