//! What an article says from now on, as far as a correction speaks of it.
//!
//! What is left out stays as it was: whoever puts a headline right has said nothing about when the article was
//! published, and a moment that becomes unknown takes the odds at publication off the page.

use serde::Deserialize;
use tidings_news::{Body, BodyFormat, Draft, StructuredArticle};
use tidings_store::Article;
use utoipa::ToSchema;

use super::{ArticleBody, ArticleStatusWord};
use crate::problem::Problem;
use crate::wire::revise::given;
use crate::wire::time::Time;

/// A correction of an article. What is left out stays as it was; null takes away what may be unknown.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CorrectArticle, example = json!({
    "title": "Japan and South Korea forge cautious path to a summit", "byline": null
}))]
pub(crate) struct CorrectionBody {
    /// Text copied from a page, which takes the place of headline and text. Of byline, section, tags, language and
    /// moment only what is found in it changes; an own summary stays. With it, only `canonical_url`, `publisher`,
    /// `published_at`, `embargoed_until` and `status` may be given.
    pub text: Option<String>,
    /// The headline, as text.
    pub title: Option<String>,
    /// The text, in the form that `body_format` names.
    pub body: Option<String>,
    /// How `body` is written: `text` (when absent) or `html`, which is sanitised.
    #[schema(value_type = Option<String>, example = "text")]
    pub body_format: Option<BodyFormat>,
    /// The whole section path, outermost first; null or nothing in it for none.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    pub section: Option<Option<Vec<String>>>,
    /// All subject tags, with or without `#`; null or nothing in it for none.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Option<Vec<String>>>,
    /// Who wrote it; null when that is not known.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub byline: Option<Option<String>>,
    /// Who published the original; null when that is not known.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub publisher: Option<Option<String>>,
    /// A BCP 47 language tag; null to guess it from the script.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub language: Option<Option<String>>,
    /// The address of the original; null when that is not known.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub canonical_url: Option<Option<String>>,
    /// When the original was published; null when that is not known.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Time>)]
    pub published_at: Option<Option<Time>>,
    /// A summary of the editor's own; null for the first sentences. One that was the first sentences before
    /// follows the text.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub summary: Option<Option<String>>,
    /// Nobody outside may see it before; only of an article that nobody outside has seen.
    pub embargoed_until: Option<Time>,
    /// Whether it may be shown. What was cancelled stays so.
    pub status: Option<ArticleStatusWord>,
    /// The address of a page, of which the article is read anew as the page describes itself; what the page does not
    /// tell stays. With it, only `embargoed_until` and `status` may be given.
    pub url: Option<String>,
}

/// What a correction has its word on, and what it leaves to what was known.
#[derive(Clone, Copy, Default)]
struct Told {
    section: bool,
    tags: bool,
    byline: bool,
    publisher: bool,
    language: bool,
    canonical_url: bool,
    published_at: bool,
    summary: bool,
}

impl CorrectionBody {
    /// The address of the page that the article is to be read from, if that is what is asked.
    pub(crate) fn page(&self) -> Result<Option<&str>, Problem> {
        super::page(self.url.as_deref(), &self.content())
    }

    /// Whether it says nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.says_nothing_else() && self.status.is_none() && self.embargoed_until.is_none()
    }

    /// Whether it tells nothing but whether the article may be shown, or from when on.
    pub(crate) fn says_nothing_else(&self) -> bool {
        self.url.is_none() && self.content().iter().all(|(_, given)| !given)
    }

    /// What an article says, member by member, and whether it is given.
    fn content(&self) -> [(&'static str, bool); 12] {
        let told = self.told();
        [
            ("text", self.text.is_some()),
            ("title", self.title.is_some()),
            ("body", self.body.is_some()),
            ("body_format", self.body_format.is_some()),
            ("section", told.section),
            ("tags", told.tags),
            ("byline", told.byline),
            ("publisher", told.publisher),
            ("language", told.language),
            ("canonical_url", told.canonical_url),
            ("published_at", told.published_at),
            ("summary", told.summary),
        ]
    }

    fn told(&self) -> Told {
        Told {
            section: self.section.is_some(),
            tags: self.tags.is_some(),
            byline: self.byline.is_some(),
            publisher: self.publisher.is_some(),
            language: self.language.is_some(),
            canonical_url: self.canonical_url.is_some(),
            published_at: self.published_at.is_some(),
            summary: self.summary.is_some(),
        }
    }

    /// What the article says from now on.
    pub(crate) fn draft(&self, current: &Article) -> Result<Draft, Problem> {
        match self.text {
            Some(_) => self.pasted(current),
            None => self.structured(current),
        }
    }

    fn pasted(&self, current: &Article) -> Result<Draft, Problem> {
        let draft = ArticleBody {
            text: self.text.clone(),
            canonical_url: self.canonical_url.clone().flatten(),
            publisher: self.publisher.clone().flatten(),
            published_at: self.published_at.flatten(),
            ..ArticleBody::default()
        };
        let found = |(field, given): &(&str, bool)| *given && ArticleBody::is_found_in_text(field);
        if let Some((field, _)) = self.content().into_iter().find(found) {
            return Err(Problem::invalid_body(
                field,
                "it is found in the pasted text",
            ));
        }
        Ok(kept(draft.into_draft()?, current, self.told()))
    }

    fn structured(&self, current: &Article) -> Result<Draft, Problem> {
        if self.body_format.is_some() && self.body.is_none() {
            let detail = "it says how a body is written";
            return Err(Problem::invalid_body("body_format", detail));
        }
        let mut draft = tidings_news::structured(StructuredArticle {
            title: self.title.as_ref().unwrap_or(&current.title).clone(),
            body: self.body.as_ref().unwrap_or(&current.body_text).clone(),
            body_format: self.body_format.unwrap_or_default(),
            section: self.section.clone().flatten().unwrap_or_default(),
            tags: self.tags.clone().flatten().unwrap_or_default(),
            language: self.language.clone().flatten(),
            byline: self.byline.clone().flatten(),
            summary: self.summary.clone().flatten(),
            canonical_url: self.canonical_url.clone().flatten(),
            publisher: self.publisher.clone().flatten(),
            published_at: self.published_at.flatten().map(|time| time.to_string()),
        })?;
        if self.body.is_none() {
            draft.body = Body {
                html: current.body_html.clone(),
                text: current.body_text.clone(),
            };
        }
        let told = self.told();
        let mut draft = kept(draft, current, told);
        if !told.language && current.language != UNKNOWN {
            draft.language.clone_from(&current.language);
        }
        Ok(draft)
    }
}

/// What a page says of its article, with what was known of it beside that.
pub(crate) fn read_anew(draft: Draft, current: &Article) -> Draft {
    kept(draft, current, Told::default())
}

/// The language of what does not tell its own.
const UNKNOWN: &str = "und";

/// A draft with what was known where it does not tell.
fn kept(mut draft: Draft, current: &Article, told: Told) -> Draft {
    if !told.section && draft.section.is_empty() {
        draft.section.clone_from(&current.section);
    }
    if !told.tags && draft.tags.is_empty() && draft.flags.is_empty() {
        draft.tags.clone_from(&current.tags);
        draft.flags.clone_from(&current.flags);
    }
    let keep = |it: &mut Option<String>, was: &Option<String>, told: bool| {
        if !told && it.is_none() {
            it.clone_from(was);
        }
    };
    keep(&mut draft.byline, &current.byline, told.byline);
    keep(&mut draft.publisher, &current.publisher, told.publisher);
    let address = &mut draft.canonical_url;
    keep(address, &current.canonical_url, told.canonical_url);
    if !told.published_at && draft.published_at.is_none() {
        draft.published_at = current.published_at.map(|at| at.as_micros());
    }
    if !told.summary && is_own(&current.summary, &current.body_text) {
        // The beginning of a text is no reason to give up what somebody wrote about it.
        if !is_own(&draft.summary, &draft.body.text) {
            draft.summary.clone_from(&current.summary);
        }
    }
    if !told.language && tells_less(&draft.language, &current.language) {
        draft.language.clone_from(&current.language);
    }
    draft
}

/// Whether a language that a text is taken to be in tells less than what was known: nothing, or `en` of an article in
/// `en-GB`.
pub(crate) fn tells_less(language: &str, known: &str) -> bool {
    language == UNKNOWN || primary(language) == primary(known)
}

/// Whether a summary is more than the beginning of its text.
fn is_own(summary: &str, text: &str) -> bool {
    summary != tidings_news::summary(text)
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}
