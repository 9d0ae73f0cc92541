//! The findings that there are. A code, once given out, keeps its meaning and is never used for another.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it stands, people will not agree on the answer, or not know when it is due.
    Blocker,
    /// Somebody should look: it may be right as it is.
    Warning,
}

impl Severity {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Blocker => "blocker",
            Severity::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $severity:ident, $advice:literal;)*) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every kind, in the order of the form.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// Its stable name on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Code::$name => $word),* }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity),* }
            }

            /// What to do.
            pub const fn advice(self) -> &'static str {
                match self { $(Code::$name => $advice),* }
            }
        }
    };
}

codes! {
    /// It does not end as a question does.
    QuestionMarkMissing = "question_mark_missing", Blocker,
        "End the question with a question mark: one question, in one sentence.";
    /// It says no to a no.
    DoubleNegation = "double_negation", Warning,
        "Ask it without saying no twice: readers take a double negation for its opposite.";
    /// A word that everybody measures differently.
    VagueWord = "vague_word", Warning,
        "say in the rules what counts as that, in numbers or named acts, or leave the word out.";
    /// “The next summit”, and no word on what is one.
    EventNotDefined = "event_not_defined", Warning,
        "say in the rules what counts as one and what does not: a brief encounter on the sidelines, a call, a meeting of deputies.";
    /// A time that moves with the reader.
    RelativeDate = "relative_date", Warning,
        "write the day, the month, the year and the zone: the words mean another day to whoever reads them later.";
    /// Yes or No is not spelled out.
    OutcomeNotSpelledOut = "outcome_not_spelled_out", Blocker,
        "say in the rules what counts as this outcome, in a sentence of its own (“Yes if …”, “No if …”).";
    /// An outcome of several that the rules do not name.
    OutcomeNotInRules = "outcome_not_in_rules", Warning,
        "the rules do not name this outcome: say what counts as it.";
    /// Something could happen that is none of the outcomes.
    OutcomesNotExhaustive = "outcomes_not_exhaustive", Blocker,
        "Add an outcome for everything else (“Other”, “None by then”): exactly one outcome has to happen.";
    /// Trading ends at no known moment.
    ClosesAtMissing = "closes_at_missing", Blocker,
        "Say when trading ends.";
    /// The rules name no day.
    DeadlineMissing = "deadline_missing", Blocker,
        "Name the deadline in the rules: day, month, year, time and zone, such as “1 July 2026, 00:00 JST”.";
    /// The rules name a day in no zone.
    DeadlineZoneMissing = "deadline_zone_missing", Blocker,
        "Name the zone of the deadline, such as “00:00 UTC” or “00:00 UTC+9”: a day begins at 24 different moments. Names that several zones share, such as CST or IST, are none.";
    /// The rules name a day and no time of it.
    DeadlineTimeMissing = "deadline_time_missing", Warning,
        "Name the time of the deadline: “by 1 July” is read as the beginning of that day and as its end.";
    /// Trading goes on after the deadline.
    DeadlineBeforeClose = "deadline_before_close", Blocker,
        "Trading would go on after the last moment that the rules name: close at the deadline or before it.";
    /// It can be decided long before trading ends, and no clause says that it ends then.
    EarlyCloseMissing = "early_close_missing", Warning,
        "What is asked can happen long before trading ends. Say in an early-close clause when trading ends then, such as “Trading ends once both ministries have published the text”: otherwise whoever has seen it trades with whoever has not.";
    /// Nobody decides alone.
    PrimarySourceMissing = "primary_source_missing", Blocker,
        "Mark one source as the primary one, which decides alone.";
    /// Several decide alone.
    SeveralPrimarySources = "several_primary_sources", Warning,
        "Leave one primary source: when two of them differ, nobody knows which to believe.";
    /// Nobody stands in.
    FallbackSourceMissing = "fallback_source_missing", Blocker,
        "Name a second source, which stands in when the primary one is silent.";
    /// The one who stands in is the same.
    SourcesShareHost = "sources_share_host", Warning,
        "All sources are pages of one site: when it is down or changed, nobody stands in.";
    /// One article decides.
    RestsOnOneArticle = "rests_on_one_article", Blocker,
        "Let the matter itself decide, or who publishes it: an article can be corrected, and it has been written already.";
    /// One person decides.
    RestsOnOnePerson = "rests_on_one_person", Warning,
        "let something decide that anybody can look up: one person can err, be silent, or trade.";
    /// Nothing is said about silence.
    SilenceRuleMissing = "silence_rule_missing", Blocker,
        "Say what happens if nothing is published: which source is asked next, and what the question comes to if all of them are silent.";
    /// Too few stories, or too many.
    WorldsMissing = "worlds_missing", Blocker,
        "Write 2 to 12 short made-up stories, each with what the question comes to in it: two people have to read them alike.";
    /// All stories end alike.
    WorldsOneSided = "worlds_one_sided", Warning,
        "Write a story for the other side as well, and one close to the line: stories that all end alike show nothing.";
    /// A story says what it comes to.
    WorldTellsAnswer = "world_tells_answer", Warning,
        "tell what happens and leave out what it comes to: whoever reviews has to find that by the rules.";
}
