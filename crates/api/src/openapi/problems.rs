//! Which problems each operation can be answered with: those of its habits, which are read off the
//! document itself, and those of its own, in one table. The tests hold every problem that they see
//! against this: one that is not here fails them, with the line that is missing.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use utoipa::ToSchema;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, ResponseBuilder};

use super::headers;
use crate::limits::is_free;
use crate::problem::{ProblemShape, explained, problem_table};

/// What can be said of any operation.
pub(super) struct Facts {
    method: &'static str,
    path: String,
    /// Takes a key.
    keyed: bool,
    /// Takes a key, and nothing else.
    locked: bool,
    has_body: bool,
    has_reason: bool,
}

impl Facts {
    pub(super) fn of(method: &'static str, path: &str, operation: &Operation) -> Facts {
        let ways = operation.security.as_deref();
        let query = |name: &str| {
            let all = operation.parameters.iter().flatten();
            let mut named = all.filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(parameter),
                RefOr::Ref(_) => None,
            });
            named.any(|one| one.name == name && one.parameter_in == ParameterIn::Query)
        };
        Facts {
            method,
            path: path.to_owned(),
            keyed: ways.is_some(),
            locked: ways.is_some_and(|ways| !ways.contains(&SecurityRequirement::default())),
            has_body: operation.request_body.is_some(),
            has_reason: query("reason"),
        }
    }

    fn is_v1(&self) -> bool {
        self.path.starts_with("/v1/")
    }

    fn reads(&self) -> bool {
        self.method == "get"
    }

    /// Whether it is a place at which events are read.
    pub(super) fn streams(&self) -> bool {
        self.reads() && (self.path.ends_with("/events") || self.path == "/v1/stream")
    }

    /// Whether it is written into the journal.
    fn is_recorded(&self) -> bool {
        !self.reads() && self.path != "/v1/quotes" && !self.is_kept_beside()
    }

    /// Articles, subscribers, hooks, consents and sign-ins are kept beside the journal, and a check is kept
    /// nowhere.
    fn is_kept_beside(&self) -> bool {
        matches!(
            self.path.as_str(),
            "/v1/articles"
                | "/v1/articles/{a}"
                | "/v1/digest/subscriptions"
                | "/v1/hooks"
                | "/v1/hooks/{h}"
                | "/v1/account/leaderboard"
                | "/v1/accounts/{id}/sign-in"
                | "/v1/articles/{a}/desk"
                | "/v1/articles/{a}/plans"
                | "/v1/articles/{a}/plans/{m}"
                | "/v1/feeds"
                | "/v1/feeds/{f}"
                | "/v1/questions/check"
                | "/v1/questions/templates/{t}"
        )
    }

    /// Whether anyone may keep the answer.
    pub(super) fn is_public(&self) -> bool {
        self.reads() && self.is_v1() && !self.locked && !self.streams()
    }

    /// Whether it takes from an allowance.
    pub(super) fn costs(&self) -> bool {
        let method = self.method.to_uppercase().parse::<Method>();
        !method.is_ok_and(|method| is_free(&method, &self.path))
    }
}

/// What an operation does, and the problems that come with it.
type Habit = (fn(&Facts) -> bool, &'static [&'static str]);

#[rustfmt::skip]
const HABITS: &[Habit] = &[
    (|_| true, &["uri_too_long", "head_too_large", "internal", "starting", "unavailable", "too_many_connections", "invalid_head"]),
    (Facts::costs, &["rate_limited"]),
    (|facts| facts.path.contains('{'), &["not_found"]),
    (|facts| facts.keyed,
        &["key_invalid", "signature_invalid", "signature_expired", "address_not_allowed", "too_many_failures"]),
    (|facts| facts.locked, &["key_missing"]),
    (|facts| facts.has_body,
        &["invalid_body", "text_not_allowed", "body_too_large", "body_too_slow", "unsupported_media_type",
          "content_digest_mismatch"]),
    (|facts| facts.has_reason, &["text_not_allowed"]),
    (|facts| facts.is_v1() && !facts.has_body, &["invalid_query"]),
    (|facts| facts.reads() && facts.is_v1() && !facts.streams(), &["not_yet"]),
    (|facts| facts.streams(), &["too_many_streams", "too_many_streams_here"]),
    (|facts| !facts.reads() && facts.path != "/v1/quotes", &["invalid_idempotency_key", "unknown_outcome"]),
    (Facts::is_recorded, &["idempotency_key_reused", "busy"]),
];

/// What an operation of its own can be refused for: lists, so that what is the same is said once.
type Own = (&'static str, &'static [&'static [&'static str]]);

/// The account's role has to fit, and the key's scopes.
const ROLE: &[&str] = &["role_not_allowed", "scope_missing"];
/// The key's scopes have to fit.
const SCOPE: &[&str] = &["scope_missing"];
const ACCOUNT: &[&str] = &["account_not_found"];
/// Whoever is frozen moves no money, and lets nobody go on.
const FROZEN: &[&str] = &["account_frozen"];
const MARKET: &[&str] = &["market_not_found"];
const ARTICLE: &[&str] = &["article_not_found"];
const HOOK: &[&str] = &["hook_not_found"];
/// Evidence, piece by piece.
const EVIDENCE: &[&str] = &["evidence_invalid", "clause_unknown"];
const PHASE: &[&str] = &["market_not_found", "wrong_phase"];
/// A key that is issued or rotated.
const GRANT: &[&str] = &["key_taken", "grant_invalid"];
/// What an owner's key gives.
const GIVES: &[&str] = &["grant_too_wide", "too_many_keys"];
/// What can be had as a file.
const EXPORT: &[&str] = &["export_running", "too_many_exports"];
/// Whether an order can be, and can be filled.
const ORDER: &[&str] = &[
    "market_not_open",
    "outcome_not_found",
    "order_invalid",
    "price_off_tick",
    "too_late",
    "limit_exceeded",
    "insufficient_funds",
    "insufficient_position",
    "kept_out",
    "account_frozen",
    "post_only_would_take",
    "fok_not_filled",
    "nothing_to_fill",
    "client_order_id_taken",
    "too_many_orders",
    "book_full",
];
/// Whether something can be had from an address outside.
const FETCH: &[&str] = &[
    "source_refused",
    "source_unreachable",
    "source_failed",
    "source_too_large",
    "source_not_article",
];
/// Whether a text is an article.
const IMPORT: &[&str] = &[
    "article_taken",
    "article_empty",
    "article_title_missing",
    "article_title_too_long",
    "article_body_missing",
    "article_too_long",
    "article_field_too_long",
    "article_text_not_allowed",
    "article_url_invalid",
    "article_field_invalid",
    "article_markup_too_heavy",
];

#[rustfmt::skip]
const OWN: &[Own] = &[
    ("POST /v1/accounts", &[ROLE]),
    ("GET /v1/accounts", &[ROLE]),
    ("GET /v1/accounts/{id}", &[ROLE, ACCOUNT]),
    ("POST /v1/accounts/{id}/freeze", &[ROLE, ACCOUNT, FROZEN]),
    ("POST /v1/accounts/{id}/unfreeze", &[ROLE, ACCOUNT, FROZEN]),
    ("POST /v1/accounts/{id}/allowance", &[ROLE, ACCOUNT, FROZEN, &["allowance_invalid"]]),
    ("POST /v1/accounts/{id}/deposits", &[ROLE, ACCOUNT, FROZEN, &["limit_exceeded"]]),
    ("POST /v1/accounts/{id}/withdrawals", &[ROLE, ACCOUNT, FROZEN, &["limit_exceeded", "insufficient_funds"]]),
    ("GET /v1/deposits", &[ROLE]),
    ("GET /v1/deposits/threshold", &[ROLE]),
    ("PUT /v1/deposits/threshold", &[ROLE, FROZEN, &["limit_exceeded"]]),
    ("POST /v1/deposits/{d}/confirm",
        &[ROLE, ACCOUNT, FROZEN, &["proposal_not_found", "second_operator_needed", "limit_exceeded"]]),
    ("DELETE /v1/deposits/{d}", &[ROLE, FROZEN, &["proposal_not_found"]]),
    ("POST /v1/accounts/{id}/keys", &[ROLE, ACCOUNT, GRANT]),
    ("GET /v1/accounts/{id}/keys", &[ROLE, ACCOUNT]),
    ("DELETE /v1/accounts/{id}/keys/{n}", &[ROLE, ACCOUNT, &["key_not_found"]]),
    ("POST /v1/accounts/{id}/keys/{n}/rotate", &[ROLE, ACCOUNT, GRANT, &["key_not_found", "key_rotated"]]),
    ("POST /v1/accounts/{id}/sign-in", &[ROLE, ACCOUNT, &["sign_in_name_taken", "password_too_weak", "busy"]]),
    ("GET /v1/accounts/{id}/sign-in", &[ROLE, ACCOUNT, &["sign_in_not_found"]]),
    ("DELETE /v1/accounts/{id}/sign-in", &[ROLE, ACCOUNT, &["sign_in_not_found"]]),
    ("GET /v1/account/keys", &[SCOPE]),
    ("POST /v1/account/keys", &[SCOPE, GRANT, GIVES]),
    ("DELETE /v1/account/keys/{n}", &[SCOPE, &["key_not_found", "grant_too_wide"]]),
    ("POST /v1/account/keys/{n}/rotate", &[SCOPE, GRANT, GIVES, &["key_not_found", "key_rotated"]]),
    ("GET /v1/account", &[SCOPE]),
    ("GET /v1/account/ledger", &[SCOPE, MARKET, EXPORT]),
    ("GET /v1/account/fills", &[SCOPE, MARKET, EXPORT]),
    ("GET /v1/account/orders", &[SCOPE, MARKET, EXPORT]),
    ("GET /v1/account/statement", &[SCOPE, EXPORT, &["statement_too_long"]]),
    ("GET /v1/requests/{key}", &[SCOPE]),
    ("POST /v1/orders", &[ROLE, MARKET, ORDER]),
    ("POST /v1/orders/batch", &[ROLE, &["order_invalid"]]),
    ("POST /v1/orders/cancel-after", &[ROLE, &["limit_exceeded"]]),
    ("DELETE /v1/orders", &[ROLE, MARKET]),
    ("GET /v1/orders/{id}", &[SCOPE, &["order_not_found"]]),
    ("PATCH /v1/orders/{id}", &[ROLE, MARKET, ORDER, &["order_not_found"]]),
    ("DELETE /v1/orders/{id}", &[ROLE, &["order_not_found"]]),
    ("POST /v1/quotes", &[SCOPE, MARKET, ORDER]),
    ("POST /v1/markets", &[ROLE, ARTICLE, FROZEN,
        &["market_invalid", "slug_taken", "link_not_possible", "insufficient_funds", "article_embargoed"]]),
    ("GET /v1/markets", &[ARTICLE]),
    ("GET /v1/markets/{m}", &[MARKET]),
    ("PATCH /v1/markets/{m}", &[ROLE, PHASE, ARTICLE, FROZEN,
        &["market_invalid", "not_the_sponsor", "draft_changed", "link_not_possible", "insufficient_funds",
          "article_embargoed"]]),
    ("GET /v1/markets/{m}/candles", &[MARKET, EXPORT, &["outcome_not_found"]]),
    ("GET /v1/markets/{m}/book", &[MARKET, &["outcome_not_found"]]),
    ("GET /v1/markets/{m}/trades", &[MARKET, EXPORT, &["outcome_not_found"]]),
    ("GET /v1/markets/{m}/odds", &[MARKET]),
    ("GET /v1/markets/{m}/evidence", &[MARKET]),
    ("GET /v1/markets/{m}/events", &[MARKET]),
    ("POST /v1/markets/{m}/open", &[ROLE, PHASE, &["market_invalid", "review_missing", "worlds_differ"]]),
    ("POST /v1/markets/{m}/reviews", &[ROLE, PHASE,
        &["market_invalid", "draft_changed", "review_by_author", "reviewed_already", "nothing_to_review"]]),
    ("POST /v1/questions/check", &[ROLE]),
    ("GET /v1/questions/templates", &[ROLE]),
    ("POST /v1/questions/templates/{t}", &[ROLE, ARTICLE, &["template_not_found"]]),
    ("POST /v1/halts", &[ROLE, &["limit_exceeded"]]),
    ("GET /v1/halts", &[ROLE]),
    ("POST /v1/halts/resume", &[ROLE, &["halt_not_found"]]),
    ("POST /v1/markets/{m}/halt", &[ROLE, PHASE]),
    ("POST /v1/markets/{m}/resume", &[ROLE, PHASE]),
    ("POST /v1/markets/{m}/close", &[ROLE, PHASE, &["clause_unknown", "early_close_clause_missing", "second_operator_needed"]]),
    ("POST /v1/markets/{m}/clarifications", &[ROLE, PHASE, &["clause_unknown"]]),
    ("POST /v1/markets/{m}/liquidity",
        &[ROLE, PHASE, FROZEN, &["not_the_sponsor", "liquidity_invalid", "insufficient_funds"]]),
    ("POST /v1/markets/{m}/withdraw", &[ROLE, PHASE]),
    ("POST /v1/markets/{m}/void", &[ROLE, PHASE, EVIDENCE, &["conflict_of_interest"]]),
    ("GET /v1/markets/{m}/void/preview", &[ROLE, PHASE]),
    ("POST /v1/markets/{m}/void/confirm",
        &[ROLE, PHASE, &["second_operator_needed", "dispute_window_open", "conflict_of_interest"]]),
    ("POST /v1/markets/{m}/resolution",
        &[ROLE, PHASE, EVIDENCE, &["payout_invalid", "outcome_not_found", "conflict_of_interest",
          "evidence_insufficient"]]),
    ("GET /v1/markets/{m}/resolution/preview", &[ROLE, PHASE, &["payout_invalid", "outcome_not_found"]]),
    ("POST /v1/markets/{m}/resolution/confirm",
        &[ROLE, PHASE, &["second_operator_needed", "dispute_window_open", "conflict_of_interest"]]),
    ("POST /v1/markets/{m}/disputes", &[ROLE, PHASE, EVIDENCE, &["dispute_window_closed", "not_a_holder"]]),
    ("POST /v1/markets/{m}/correction",
        &[ROLE, PHASE, EVIDENCE, &["payout_invalid", "outcome_not_found", "conflict_of_interest",
          "correction_too_late", "nothing_to_correct", "evidence_insufficient"]]),
    ("GET /v1/markets/{m}/correction/preview",
        &[ROLE, PHASE, &["payout_invalid", "outcome_not_found", "correction_too_late"]]),
    ("POST /v1/markets/{m}/correction/confirm",
        &[ROLE, PHASE, &["second_operator_needed", "conflict_of_interest", "correction_too_late",
          "correction_uncovered"]]),
    ("POST /v1/articles", &[ROLE, IMPORT, FETCH]),
    ("GET /v1/articles/lookup", &[ARTICLE]),
    ("GET /v1/articles/{a}", &[ARTICLE]),
    ("PUT /v1/articles/{a}", &[ROLE, ARTICLE, IMPORT, FETCH, &["article_cancelled"]]),
    ("GET /v1/articles/{a}/versions", &[ARTICLE]),
    ("GET /v1/articles/{a}/versions/{n}", &[ARTICLE]),
    ("GET /v1/articles/{a}/suggestions", &[ROLE, ARTICLE]),
    ("POST /v1/articles/{a}/plans", &[ROLE, ARTICLE, MARKET, &["article_public", "already_planned"]]),
    ("GET /v1/articles/{a}/plans", &[ROLE, ARTICLE]),
    ("DELETE /v1/articles/{a}/plans/{m}", &[ROLE, ARTICLE, MARKET, &["plan_not_found"]]),
    ("PUT /v1/articles/{a}/desk", &[ROLE, ARTICLE, ACCOUNT, &["too_many_kept_out"]]),
    ("GET /v1/articles/{a}/desk", &[ROLE, ARTICLE]),
    ("GET /v1/markets/{m}/suggestions", &[ROLE, MARKET]),
    ("GET /v1/markets/{m}/moves", &[MARKET]),
    ("GET /v1/journal/records", &[ROLE, MARKET]),
    ("GET /v1/anomalies", &[ROLE]),
    ("POST /v1/feeds", &[ROLE, &["source_refused", "too_many_feeds"]]),
    ("GET /v1/feeds", &[ROLE]),
    ("DELETE /v1/feeds/{f}", &[ROLE, &["feed_not_found"]]),
    ("POST /v1/articles/{a}/markets", &[ROLE, ARTICLE, MARKET, &["article_embargoed", "link_not_possible"]]),
    ("GET /v1/articles/{a}/odds", &[ARTICLE]),
    ("GET /v1/articles/{a}/events", &[ARTICLE]),
    ("POST /v1/hooks", &[ROLE, &["hook_url_invalid", "too_many_hooks"]]),
    ("GET /v1/hooks", &[ROLE]),
    ("DELETE /v1/hooks/{h}", &[ROLE, HOOK]),
    ("GET /v1/hooks/{h}/deliveries", &[ROLE, HOOK]),
    ("GET /v1/calibration", &[EXPORT]),
    ("GET /v1/leaderboard", &[EXPORT]),
    ("PUT /v1/account/leaderboard", &[ROLE]),
    ("GET /v1/digests/{week}", &[&["digest_not_found"]]),
    ("POST /v1/digest/subscriptions", &[&["mail_not_sent_here", "busy"]]),
    ("GET /v1/stream", &[&["upgrade_needed", "too_many_streams_of_account"]]),
];

/// The codes that an operation can be answered with, by status.
fn codes(facts: &Facts) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let name = format!("{} {}", facts.method.to_uppercase(), facts.path);
    let own = OWN.iter().filter(|(operation, _)| *operation == name);
    let own = own.flat_map(|(_, lists)| lists.iter().copied());
    let habits = HABITS.iter().filter(|(has, _)| has(facts));
    let all = habits.map(|(_, codes)| *codes).chain(own).flatten();
    let mut by_status: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for code in all {
        let entry = problem_table().iter().find(|entry| entry.code == *code);
        let entry = entry.unwrap_or_else(|| panic!("the table of problems has no {code}"));
        by_status
            .entry(entry.status)
            .or_default()
            .insert(entry.code);
    }
    by_status
}

/// Adds an answer for each status, with an example for each code: the keys of `examples` are the codes.
pub(super) fn describe(facts: &Facts, operation: &mut Operation) {
    for (status, codes) in codes(facts) {
        let named: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let schema = Ref::from_schema_name(ProblemShape::name());
        let mut content = ContentBuilder::new().schema(Some(schema));
        for code in &codes {
            let example = Ref::new(format!("#/components/examples/{code}"));
            content = content.examples_from_iter([(
                *code,
                RefOr::Ref::<utoipa::openapi::example::Example>(example),
            )]);
        }
        let mut response = ResponseBuilder::new()
            .description(named.join(", "))
            .content("application/problem+json", content.build())
            .build();
        headers::of_problem(status, &mut response);
        let responses = &mut operation.responses.responses;
        // Where a status has an answer of its own already, that one stays.
        responses
            .entry(status.to_string())
            .or_insert(RefOr::T(response));
    }
}

/// An example of every problem that there is.
pub(super) fn examples(components: &mut Components) {
    for entry in problem_table() {
        let example = ExampleBuilder::new()
            .summary(entry.title)
            .description(explained(entry.code).means)
            .value(Some(explained(entry.code).example()))
            .build();
        components
            .examples
            .insert(entry.code.to_owned(), RefOr::T(example));
    }
}
