//! Questions on their way to be asked: stories and what they come to, what a check finds, and what somebody
//! else makes of a draft.

use serde::{Deserialize, Serialize};
use tidings_core::event::{Event, Record};
use tidings_core::id::Outcome;
use tidings_core::market::{Kind, MarketSpec, OutcomeSpec, Phase};
use tidings_core::review::{ReviewPlan, Verdict, World};
use tidings_core::units::Timestamp;
use tidings_core::view::MarketView;
use tidings_news::question::template::{Blank, BlankForm, Draft, LANGUAGES, Template};
use tidings_news::question::{self, Checked, Code, Form, Question, Severity};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::wire::band::PriceBandJson;
use crate::wire::draft::{ArticleLinkJson, CreateMarketBody, OutcomeBody, RulesBody, SourceBody};
use crate::wire::id;
use crate::wire::journal::hex;
use crate::wire::market::{RulesJson, SourceJson};
use crate::wire::scale::{Number, ScaleJson};
use crate::wire::suggestion::ReasonJson;
use crate::wire::text::{Note, Reason, RulesText, Tag, Title, Why, plain};
use crate::wire::time::Time;
use crate::wire::unit::{FractionText, PriceText, Shares};
use crate::wire::words::{KindWord, LinkRoleWord, StatusWord};

/// What a market comes to in a story: one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Verdict, example = json!({"outcome": "yes"}))]
pub struct VerdictJson {
    /// The outcome that happened, by its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Of a scalar market: the number that came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// True: the market is called off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void: Option<bool>,
}

/// A short made-up story, and what its author says the market comes to in it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateWorld, example = json!({
    "story": "On 3 June both ministries put the same two pages online.", "comes_to": {"outcome": "yes"}
}))]
pub struct WorldBody {
    /// What happens in it.
    pub story: Reason,
    /// What the market comes to.
    pub comes_to: VerdictJson,
}

/// Whether somebody else has to read a draft before it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AskForReview)]
pub enum ReviewWord {
    /// Another operator reads its stories blindly and approves it.
    Required,
    /// It opens without, unless the server asks for a review of every market.
    None,
}

/// A short made-up story as everyone may see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = World)]
pub struct WorldJson {
    /// What happens in it.
    pub story: String,
    /// What the market comes to; null while somebody still has to find that by the rules.
    pub comes_to: Option<VerdictJson>,
}

/// How a draft was read by others than its author.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub struct ReviewJson {
    /// Whether it opens only once another operator has read it alike and approved it.
    pub required: bool,
    /// Of a draft: names the words that it has. A review says which words it is of.
    #[schema(example = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c")]
    pub text: Option<String>,
    /// Who read it, oldest first, whatever words it had then: the last 50.
    pub readings: Vec<ReadingJson>,
}

/// How somebody read a draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Reading)]
pub struct ReadingJson {
    /// The operator who read it.
    #[schema(example = "acc_4")]
    pub by: String,
    /// When.
    pub at: Time,
    /// Names the words that were read.
    pub text: String,
    /// Whether they came to what its author says in every story.
    pub alike: bool,
    /// Whether it may open as it was.
    pub approved: bool,
    /// What they say about it.
    pub note: Option<String>,
}

/// What somebody else than its author makes of a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReviewMarket, example = json!({
    "text": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "verdicts": [{"outcome": "yes"}, {"outcome": "no"}], "approve": true, "note": "The second one is close."
}))]
pub struct ReviewBody {
    /// The words that were read: `review.text` of the market.
    pub text: String,
    /// What it comes to, story by story.
    pub verdicts: Vec<VerdictJson>,
    /// Whether it may open. It may not, where a story was read otherwise than by its author.
    pub approve: bool,
    /// What there is to say about it, for its author and everyone else.
    pub note: Option<Note>,
}

/// A draft was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketReviewed)]
pub struct ReviewedJson {
    /// Its place in the journal.
    pub seq: u64,
    /// The market's slug.
    pub market: String,
    /// Whether every story was read as its author meant it.
    pub alike: bool,
    /// Whether it may open as it is.
    pub approved: bool,
}

/// A market to be, as far as it is written: what [`CreateMarketBody`] takes, and nothing of it has to be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckQuestion, example = json!({
    "kind": "binary", "question": "Will the next summit be held soon?",
    "rules": {"criteria": "Yes if it is held. No if it is not."}
}))]
pub struct CheckBody {
    /// Its name in addresses.
    pub slug: Option<String>,
    /// How the outcomes are to be read; binary when absent.
    pub kind: Option<KindWord>,
    /// What it asks.
    pub question: Option<Title>,
    /// Its outcomes; Yes and No when absent in a binary market.
    pub outcomes: Option<Vec<OutcomeBody>>,
    /// Of a scalar market: what its number is measured in and between which ends.
    pub scale: Option<ScaleJson>,
    /// How it is decided.
    pub rules: Option<CheckRulesBody>,
    /// The maker's liquidity in shares.
    pub liquidity: Option<Shares>,
    /// Limit prices are multiples of it.
    pub tick: Option<PriceText>,
    /// What takers pay.
    pub taker_fee: Option<FractionText>,
    /// When it opens by itself.
    pub opens_at: Option<Time>,
    /// When it closes by itself.
    pub closes_at: Option<Time>,
    /// Hours in which a proposed resolution can be disputed, 0 to 720.
    #[schema(minimum = 0, maximum = 720)]
    pub dispute_hours: Option<u32>,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// The articles it hangs off.
    #[serde(default)]
    pub articles: Vec<ArticleLinkJson>,
    /// Short made-up stories with what it comes to in each.
    #[serde(default)]
    pub worlds: Vec<WorldBody>,
    /// Whether somebody else has to read it before it opens.
    pub review: Option<ReviewWord>,
    /// How far its odds may move before it halts itself.
    pub price_band: Option<PriceBandJson>,
    /// Why there is to be such a market.
    pub reason: Option<Why>,
}

/// Rules, as far as they are written.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckRules)]
pub struct CheckRulesBody {
    /// What counts as each outcome.
    pub criteria: Option<RulesText>,
    /// What counts in the cases that people will argue about.
    #[serde(default)]
    pub edge_cases: Vec<Note>,
    /// Who is believed.
    #[serde(default)]
    pub sources: Vec<SourceBody>,
    /// When trading ends before its time.
    #[serde(default)]
    pub early_close: Vec<Note>,
}

/// What a check found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CheckedQuestion)]
pub struct CheckedJson {
    /// The draft's language: `en`, `ja`, `ko`, or `und` when its script does not tell.
    #[schema(example = "en")]
    pub language: String,
    /// Whether any finding is a blocker.
    pub blocked: bool,
    /// Blockers first.
    pub findings: Vec<FindingJson>,
    /// Codes that were not looked for, because they cannot be in that language.
    #[schema(example = json!(["vague_word"]))]
    pub not_checked: Vec<String>,
    /// Markets that trade and ask nearly the same, the nearest first.
    pub similar: Vec<SimilarJson>,
}

/// Something that a draft should be cured of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingJson {
    /// Its stable name.
    #[schema(example = "silence_rule_missing")]
    pub code: String,
    /// How bad it is.
    pub severity: SeverityWord,
    /// Where, as a path into the draft.
    #[schema(example = "rules.criteria")]
    pub field: String,
    /// What to do.
    pub advice: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FindingSeverity)]
pub enum SeverityWord {
    /// As it stands, people will not agree on the answer, or not know when it is due.
    Blocker,
    /// Somebody should look: it may be right as it is.
    Warning,
}

/// A market that asks nearly the same.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SimilarMarket)]
pub struct SimilarJson {
    /// The market's slug.
    pub market: String,
    /// What it asks.
    pub question: String,
    /// Where it stands in its life.
    pub status: StatusWord,
    /// When it closes by itself.
    pub closes_at: Option<Time>,
    /// How near it is: hundredths of all that tells the two from others is in both.
    pub score: u32,
    /// What both ask about.
    pub reasons: Vec<ReasonJson>,
}

impl VerdictJson {
    /// What is meant, of a market with these outcomes; `field` says where it stands.
    pub(crate) fn verdict(
        &self,
        outcomes: &[OutcomeSpec],
        field: &str,
    ) -> Result<Verdict, Problem> {
        let fault = |detail: &str| Problem::invalid_body(field, detail);
        match (&self.outcome, self.value, self.void) {
            (Some(key), None, None) => {
                let place = outcomes.iter().position(|outcome| outcome.key == *key);
                let place = place.and_then(|ix| u16::try_from(ix).ok());
                let place = place.ok_or_else(|| fault("the market has no such outcome"))?;
                Ok(Verdict::Outcome(Outcome(place)))
            }
            (None, Some(value), None) => Ok(Verdict::Value(value.0)),
            (None, None, Some(true)) => Ok(Verdict::Void),
            _ => Err(fault("say one of outcome, value and void")),
        }
    }

    /// A verdict as everyone may see it.
    pub(crate) fn of(verdict: Verdict, spec: &MarketSpec) -> VerdictJson {
        let mut json = VerdictJson::default();
        match verdict {
            Verdict::Outcome(outcome) => {
                json.outcome = spec.outcomes.get(outcome.ix()).map(|spec| spec.key.clone());
            }
            Verdict::Value(value) => json.value = Some(Number(value)),
            Verdict::Void => json.void = Some(true),
        }
        json
    }
}

/// How a draft has to be read, from its stories and from what was asked; none, where nobody has to.
pub(super) fn plan(
    worlds: Vec<WorldBody>,
    review: Option<ReviewWord>,
    outcomes: &[OutcomeSpec],
) -> Result<Option<ReviewPlan>, Problem> {
    let required = review == Some(ReviewWord::Required);
    Ok(planned(required, stories(worlds, outcomes)?))
}

/// A draft with other stories, or read by others from here on or not. What is absent stays as it is.
pub(super) fn revise(
    spec: &mut MarketSpec,
    worlds: Option<Vec<WorldBody>>,
    review: Option<ReviewWord>,
) -> Result<(), Problem> {
    let before = spec.review.take();
    let required = match review {
        Some(word) => word == ReviewWord::Required,
        None => before.as_ref().is_some_and(|plan| plan.required),
    };
    let worlds = match worlds {
        Some(bodies) => stories(bodies, &spec.outcomes)?,
        None => before.map(|plan| plan.worlds).unwrap_or_default(),
    };
    spec.review = planned(required, worlds);
    Ok(())
}

fn planned(required: bool, worlds: Vec<World>) -> Option<ReviewPlan> {
    (required || !worlds.is_empty()).then_some(ReviewPlan { required, worlds })
}

fn stories(bodies: Vec<WorldBody>, outcomes: &[OutcomeSpec]) -> Result<Vec<World>, Problem> {
    let world = |(ix, body): (usize, WorldBody)| {
        let field = format!("worlds[{ix}].comes_to");
        Ok(World {
            comes_to: body.comes_to.verdict(outcomes, &field)?,
            story: body.story.0,
        })
    };
    bodies.into_iter().enumerate().map(world).collect()
}

/// A market's stories. What they come to is told once nobody has to find that blindly any more.
pub(super) fn worlds(view: &MarketView) -> Vec<WorldJson> {
    let Some(plan) = &view.spec.review else {
        return Vec::new();
    };
    let blind = plan.required && view.phase == Phase::Draft;
    let world = |world: &World| WorldJson {
        story: world.story.clone(),
        comes_to: (!blind).then(|| VerdictJson::of(world.comes_to, &view.spec)),
    };
    plan.worlds.iter().map(world).collect()
}

impl ReviewJson {
    /// How a market was read; none, where nobody was asked to.
    pub(super) fn of(view: &MarketView) -> Option<ReviewJson> {
        let plan = view.spec.review.as_ref()?;
        let readings = view.reviews.iter().map(|reading| ReadingJson {
            by: id::account(reading.by),
            at: Time(reading.at),
            text: hex(&reading.text),
            alike: reading.alike,
            approved: reading.approved,
            note: reading.note.clone(),
        });
        Some(ReviewJson {
            required: plan.required,
            text: view.text.as_ref().map(hex),
            readings: readings.collect(),
        })
    }
}

impl ReviewBody {
    /// The digest that names the words.
    pub(crate) fn text(&self) -> Result<[u8; 32], Problem> {
        let fault =
            || Problem::invalid_body("text", "64 hexadecimal digits, as review.text has them");
        let digits = self.text.as_bytes();
        let whole = digits.len() == 64
            && digits
                .iter()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if !whole {
            return Err(fault());
        }
        let mut text = [0; 32];
        for (byte, pair) in text.iter_mut().zip(self.text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| fault())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| fault())?;
        }
        Ok(text)
    }

    /// What it comes to, story by story.
    pub(crate) fn verdicts(&self, spec: &MarketSpec) -> Result<Vec<Verdict>, Problem> {
        let each = self.verdicts.iter().enumerate();
        each.map(|(ix, verdict)| verdict.verdict(&spec.outcomes, &format!("verdicts[{ix}]")))
            .collect()
    }
}

impl ReviewedJson {
    /// What a record says of a draft's reading.
    pub(crate) fn of(record: &Record, market: &str) -> Option<ReviewedJson> {
        record.events.iter().find_map(|event| match *event {
            Event::MarketReviewed {
                alike, approved, ..
            } => Some(ReviewedJson {
                seq: record.stamp.seq.0,
                market: market.to_owned(),
                alike,
                approved,
            }),
            _ => None,
        })
    }
}

impl CheckBody {
    /// The draft as a check takes it. `articles` are the addresses of those that it is linked to.
    pub(crate) fn question(&self, articles: Vec<String>) -> Question {
        let kind = self.kind.map_or(Kind::Binary, Kind::from);
        let no_rules = CheckRulesBody::default();
        let rules = self.rules.as_ref().unwrap_or(&no_rules);
        let named = |outcome: &OutcomeBody| outcome.name.0.clone();
        let outcomes = match &self.outcomes {
            Some(outcomes) => outcomes.iter().map(named).collect(),
            None if kind == Kind::Binary => vec!["Yes".to_owned(), "No".to_owned()],
            None => Vec::new(),
        };
        let source = |source: &SourceBody| question::Source {
            name: source.name.0.clone(),
            url: source.url.0.clone(),
            primary: source.primary,
        };
        let world = |world: &WorldBody| question::World {
            story: world.story.0.clone(),
            comes_to: format!("{:?}", world.comes_to),
        };
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        Question {
            form: match kind {
                Kind::Binary => Form::Binary,
                Kind::Categorical => Form::Categorical,
                Kind::Scalar => Form::Scalar,
            },
            text: text(self.question.as_ref().map(|question| &question.0)),
            outcomes,
            criteria: text(rules.criteria.as_ref().map(|criteria| &criteria.0)),
            edge_cases: rules.edge_cases.iter().map(|case| case.0.clone()).collect(),
            sources: rules.sources.iter().map(source).collect(),
            early_close: rules
                .early_close
                .iter()
                .map(|clause| clause.0.clone())
                .collect(),
            closes_at: self
                .closes_at
                .and_then(|at| jiff::Timestamp::from_microsecond(at.0.as_micros()).ok()),
            worlds: self.worlds.iter().map(world).collect(),
            articles,
        }
    }

    /// What would be drafted, if all that a market needs is there.
    pub(crate) fn whole(self) -> Option<CreateMarketBody> {
        let rules = self.rules?;
        let yes_no = || {
            let outcome = |(key, name): (&str, &str)| OutcomeBody {
                key: key.to_owned(),
                name: crate::wire::text::Text(name.to_owned()),
                prior: None,
            };
            [("yes", "Yes"), ("no", "No")].map(outcome).into()
        };
        let kind = self.kind.unwrap_or(KindWord::Binary);
        let outcomes = match kind {
            KindWord::Binary => Some(self.outcomes.unwrap_or_else(yes_no)),
            KindWord::Categorical => Some(self.outcomes?),
            KindWord::Scalar => self.outcomes,
        };
        Some(CreateMarketBody {
            slug: self.slug?,
            kind,
            question: self.question?,
            outcomes,
            scale: self.scale,
            rules: RulesBody {
                criteria: rules.criteria?,
                edge_cases: rules.edge_cases,
                sources: rules.sources,
                early_close: rules.early_close,
            },
            liquidity: self.liquidity,
            tick: self.tick,
            taker_fee: self.taker_fee,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            dispute_hours: self.dispute_hours,
            tags: self.tags,
            articles: self.articles,
            worlds: self.worlds,
            review: self.review,
            price_band: self.price_band,
            reason: self.reason,
        })
    }

    /// Its tags as they are written.
    pub(crate) fn tags(&self) -> Vec<String> {
        plain(self.tags.clone())
    }
}

impl CheckedJson {
    pub(crate) fn of(checked: &Checked, similar: Vec<SimilarJson>) -> CheckedJson {
        let findings = checked.findings.iter().map(|finding| FindingJson {
            code: finding.code.word().to_owned(),
            severity: finding.code.severity().into(),
            field: finding.field.clone(),
            advice: finding.advice.clone(),
        });
        CheckedJson {
            language: checked.language.to_owned(),
            blocked: checked.is_blocked(),
            findings: findings.collect(),
            not_checked: checked
                .not_checked
                .iter()
                .map(|code: &Code| code.word().to_owned())
                .collect(),
            similar,
        }
    }
}

impl From<Severity> for SeverityWord {
    fn from(severity: Severity) -> SeverityWord {
        match severity {
            Severity::Blocker => SeverityWord::Blocker,
            Severity::Warning => SeverityWord::Warning,
        }
    }
}

/// A template, and what is to be filled in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = QuestionTemplate)]
pub struct TemplateJson {
    /// Its name.
    #[schema(example = "next_meeting")]
    pub template: String,
    /// What it asks, in a line.
    pub about: String,
    /// Languages in which it speaks.
    #[schema(example = json!(["en", "ja", "ko"]))]
    pub languages: Vec<String>,
    /// What is to be filled in.
    pub blanks: Vec<BlankJson>,
}

/// Something to be filled in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = QuestionBlank)]
pub struct BlankJson {
    /// Its name.
    #[schema(example = "people")]
    pub name: String,
    /// What belongs there.
    pub about: String,
    /// What it is made of.
    pub form: BlankFormWord,
}

/// What a blank is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QuestionBlankForm)]
pub enum BlankFormWord {
    /// Words that stand in a sentence.
    Words,
    /// A moment with its offset, such as `2026-07-01T00:00:00+09:00`: rules tell it in that zone.
    Moment,
    /// An http or https address.
    Address,
}

/// What a template is filled with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FillTemplate, example = json!({
    "language": "en", "blanks": {
        "people": "the leaders of Japan and South Korea", "deadline": "2026-07-01T00:00:00+09:00",
        "source": "the Ministry of Foreign Affairs", "source_url": "https://www.mofa.go.jp/",
        "fallback": "Yonhap News Agency", "fallback_url": "https://en.yna.co.kr/"}
}))]
pub struct FillBody {
    /// The language of the draft; the article's when absent, or English.
    pub language: Option<LanguageWord>,
    /// The article that the question is about: it gives tags, and its publisher stands in as a source.
    pub article: Option<String>,
    /// What belongs in each blank.
    #[serde(default)]
    pub blanks: std::collections::BTreeMap<String, Reason>,
}

/// A language in which templates speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TemplateLanguage)]
pub enum LanguageWord {
    /// English.
    En,
    /// Japanese.
    Ja,
    /// Korean.
    Ko,
}

impl LanguageWord {
    /// Its word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            LanguageWord::En => "en",
            LanguageWord::Ja => "ja",
            LanguageWord::Ko => "ko",
        }
    }
}

/// A draft that a template made, and what a check finds in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FilledTemplate)]
pub struct FilledJson {
    /// What `POST /v1/markets` takes, once a slug and liquidity are added to it.
    pub draft: DraftJson,
    /// What a check finds in it.
    pub checked: CheckedJson,
}

/// A draft as a template makes it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = QuestionDraft)]
pub struct DraftJson {
    /// How the outcomes are to be read.
    pub kind: KindWord,
    /// What it asks.
    pub question: String,
    /// What can happen.
    pub outcomes: Vec<DraftOutcomeJson>,
    /// How it is decided.
    pub rules: RulesJson,
    /// The deadline, at which trading ends.
    pub closes_at: Time,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The article that it is about.
    pub articles: Vec<ArticleLinkJson>,
    /// Short made-up stories, with what it comes to in each.
    pub worlds: Vec<WorldJson>,
    /// That another operator reads it before it opens.
    #[schema(example = "required")]
    pub review: String,
}

/// An outcome of a draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DraftOutcome)]
pub struct DraftOutcomeJson {
    /// Its name in requests.
    pub key: String,
    /// Its name on pages.
    pub name: String,
}

impl TemplateJson {
    pub(crate) fn of(template: Template) -> TemplateJson {
        let blank = |blank: &Blank| BlankJson {
            name: blank.name.to_owned(),
            about: blank.about.to_owned(),
            form: match blank.form {
                BlankForm::Words => BlankFormWord::Words,
                BlankForm::Moment => BlankFormWord::Moment,
                BlankForm::Address => BlankFormWord::Address,
            },
        };
        TemplateJson {
            template: template.word().to_owned(),
            about: template.about().to_owned(),
            languages: LANGUAGES.map(str::to_owned).into(),
            blanks: template.blanks().iter().map(blank).collect(),
        }
    }
}

impl DraftJson {
    /// A template's draft, about an article and with its tags if there is one.
    pub(crate) fn of(draft: Draft, article: Option<String>, tags: Vec<String>) -> DraftJson {
        let source = |source: question::Source| SourceJson {
            name: source.name,
            url: source.url,
            primary: source.primary,
        };
        let world = |(story, end): (String, Option<String>)| WorldJson {
            story,
            comes_to: Some(VerdictJson {
                void: end.is_none().then_some(true),
                outcome: end,
                value: None,
            }),
        };
        let outcome = |(key, name)| DraftOutcomeJson { key, name };
        DraftJson {
            kind: match draft.form {
                Form::Binary => KindWord::Binary,
                Form::Categorical => KindWord::Categorical,
                Form::Scalar => KindWord::Scalar,
            },
            question: draft.question,
            outcomes: draft.outcomes.into_iter().map(outcome).collect(),
            rules: RulesJson {
                criteria: draft.criteria,
                edge_cases: draft.edge_cases,
                sources: draft.sources.into_iter().map(source).collect(),
                early_close: draft.early_close,
            },
            closes_at: Time(Timestamp::from_micros(draft.closes_at.as_microsecond())),
            tags,
            articles: article
                .map(|article| ArticleLinkJson {
                    article,
                    role: LinkRoleWord::Subject,
                })
                .into_iter()
                .collect(),
            worlds: draft.worlds.into_iter().map(world).collect(),
            review: "required".to_owned(),
        }
    }

    /// The same, as a check takes it.
    pub(crate) fn check_body(&self) -> Result<CheckBody, Problem> {
        let json = serde_json::to_value(self).map_err(Problem::internal)?;
        serde_json::from_value(json)
            .map_err(|fault| Problem::invalid_body("blanks", fault.to_string()))
    }
}
