//! The table of problems. A code, once given out, keeps its meaning and is never used again for
//! another one; a test keeps a copy of the table.

use Retry::{AfterFix, Never, Safe};

/// A kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its stable name.
    pub code: &'static str,
    /// The HTTP status that it is answered with.
    pub status: u16,
    /// Its name for people.
    pub title: &'static str,
    /// Whether asking again can help.
    pub retry: Retry,
}

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Retry {
    /// The same request, with the same idempotency key, can be sent again.
    Safe,
    /// Another request can succeed, or the same once something has changed.
    AfterFix,
    /// It will not help.
    Never,
}

impl Retry {
    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Retry::Safe => "safe",
            Retry::AfterFix => "after_fix",
            Retry::Never => "never",
        }
    }
}

/// Every problem that there is, by what it is about.
pub const fn problem_table() -> &'static [Entry] {
    TABLE
}

const fn entry(code: &'static str, status: u16, title: &'static str, retry: Retry) -> Entry {
    Entry {
        code,
        status,
        title,
        retry,
    }
}

#[rustfmt::skip]
const TABLE: &[Entry] = &[
    // The request itself.
    entry("invalid_body", 400, "The body is not what is expected", AfterFix),
    entry("invalid_query", 400, "A query parameter is not what is expected", AfterFix),
    entry("invalid_idempotency_key", 400, "The Idempotency-Key is not usable", AfterFix),
    entry("text_not_allowed", 400, "A text has characters that may not be shown", AfterFix),
    entry("not_found", 404, "Nothing has this address", Never),
    entry("method_not_allowed", 405, "This address does not take that method", Never),
    entry("body_too_slow", 408, "The body did not arrive in time", Safe),
    entry("body_too_large", 413, "The body is too large", AfterFix),
    entry("uri_too_long", 414, "The address is too long", AfterFix),
    entry("unsupported_media_type", 415, "The body is not JSON", AfterFix),
    entry("upgrade_needed", 426, "This address takes a WebSocket", AfterFix),
    entry("auth_too_late", 409, "The stream has said something already", AfterFix),
    entry("head_too_large", 431, "The headers are too many or too long", AfterFix),
    entry("idempotency_key_reused", 422, "The Idempotency-Key was used for another request", AfterFix),
    entry("invalid_head", 400, "The head is not that of a request", AfterFix),
    // Who asks.
    entry("key_missing", 401, "A key is needed", AfterFix),
    entry("key_invalid", 401, "The key opens nothing", AfterFix),
    entry("signature_invalid", 401, "The signature is not of this request", AfterFix),
    entry("signature_expired", 401, "The signature was made at another time", AfterFix),
    entry("signature_used", 401, "The signature has opened a command already", AfterFix),
    entry("content_digest_mismatch", 400, "The body is not what its digest says", AfterFix),
    entry("address_not_allowed", 403, "The key may not be used from this address", AfterFix),
    entry("scope_missing", 403, "The key does not reach that far", AfterFix),
    entry("role_not_allowed", 403, "The account's role does not allow it", Never),
    // How much is asked.
    entry("rate_limited", 429, "The allowance is used up", Safe),
    entry("too_many_failures", 429, "Too many keys that open nothing", Safe),
    entry("too_many_streams_here", 429, "Too many streams of one address", Safe),
    entry("export_running", 429, "Another export runs", Safe),
    entry("too_many_exports", 503, "Too many exports run", Safe),
    entry("statement_too_long", 422, "The statement would take too long", AfterFix),
    entry("too_many_streams_of_account", 429, "Too many streams of one account", Safe),
    entry("too_many_subscriptions", 409, "The stream listens to too much", AfterFix),
    entry("too_many_connections", 503, "Too many connections", Safe),
    // The exchange at this moment.
    entry("not_yet", 409, "The exchange has not come to that place yet", Safe),
    entry("internal", 500, "Something went wrong here", Safe),
    entry("busy", 503, "Too much is waiting", Safe),
    entry("starting", 503, "The exchange is starting", Safe),
    entry("unavailable", 503, "The exchange cannot answer", Safe),
    entry("unknown_outcome", 503, "It may or may not have happened", Safe),
    entry("too_many_streams", 503, "No more streams can be opened", Safe),
    // Accounts, keys and money.
    entry("account_not_found", 404, "No such account", Never),
    entry("key_not_found", 404, "No such key", Never),
    entry("key_taken", 409, "The key is in use already", AfterFix),
    entry("key_rotated", 409, "Another key follows this one already", AfterFix),
    entry("grant_too_wide", 403, "A key cannot grant more than it has", AfterFix),
    entry("grant_invalid", 422, "That cannot be a key", AfterFix),
    entry("too_many_keys", 409, "Too many keys", AfterFix),
    entry("sign_in_name_taken", 409, "Another account signs in under this name", AfterFix),
    entry("sign_in_not_found", 404, "The account has no sign-in", Never),
    entry("password_too_weak", 422, "The password is too weak", AfterFix),
    entry("insufficient_funds", 409, "Insufficient funds", AfterFix),
    entry("insufficient_position", 409, "Insufficient shares", AfterFix),
    entry("limit_exceeded", 422, "Past the limits on quantities and money", AfterFix),
    // Orders.
    entry("order_not_found", 404, "No such open order", Never),
    entry("market_not_open", 409, "The market is not open", AfterFix),
    entry("price_off_tick", 422, "The price is not on the market's grid", AfterFix),
    entry("post_only_would_take", 409, "A post_only order would fill at once", AfterFix),
    entry("fok_not_filled", 409, "A fok order would not fill as a whole", AfterFix),
    entry("nothing_to_fill", 409, "Nothing to fill within the price", AfterFix),
    entry("too_late", 409, "The order came too late", AfterFix),
    entry("order_invalid", 422, "The order's terms have no meaning together", AfterFix),
    entry("too_many_orders", 409, "Too many open orders", AfterFix),
    entry("client_order_id_taken", 409, "Another open order has this client_order_id", AfterFix),
    entry("resting_not_supported", 422, "Orders cannot rest in this market", AfterFix),
    entry("book_full", 409, "The market's book is full", AfterFix),
    entry("proposal_not_found", 404, "No such proposal waits", Never),
    entry("account_frozen", 403, "The account is frozen", AfterFix),
    entry("allowance_invalid", 422, "No account can have that allowance", AfterFix),
    // Markets.
    entry("market_not_found", 404, "No such market", Never),
    entry("outcome_not_found", 404, "No such outcome", Never),
    entry("market_invalid", 422, "That cannot be a market", AfterFix),
    entry("slug_taken", 409, "Another market has this slug", AfterFix),
    entry("wrong_phase", 409, "The market's life does not allow that now", AfterFix),
    entry("payout_invalid", 422, "The payout does not fit the market", AfterFix),
    entry("evidence_insufficient", 422, "The evidence is not enough for a payout", AfterFix),
    entry("evidence_invalid", 422, "A piece of evidence is not what it says", AfterFix),
    entry("clause_unknown", 422, "The market's rules have no such clause", AfterFix),
    entry("early_close_clause_missing", 422, "The close names no clause of the rules", AfterFix),
    entry("second_operator_needed", 409, "Another operator has to confirm", AfterFix),
    entry("conflict_of_interest", 403, "The operator has or had a position in the market", Never),
    entry("dispute_window_open", 409, "The resolution can still be disputed", AfterFix),
    entry("dispute_window_closed", 409, "The window for disputes has ended", Never),
    entry("not_a_holder", 403, "Only holders can dispute", Never),
    entry("correction_too_late", 409, "The market's end cannot be corrected any more", Never),
    entry("nothing_to_correct", 422, "The market has ended so already", AfterFix),
    entry("correction_uncovered", 409, "The sponsor cannot bear the correction", AfterFix),
    entry("not_the_sponsor", 403, "Only the sponsor can do that", Never),
    entry("draft_changed", 409, "The draft was changed meanwhile", AfterFix),
    entry("review_missing", 409, "Nobody else has approved the draft", AfterFix),
    entry("review_by_author", 403, "Authors do not review their own drafts", Never),
    entry("worlds_differ", 409, "The draft was read otherwise than it is meant", AfterFix),
    entry("reviewed_already", 409, "The operator has read these words already", AfterFix),
    entry("nothing_to_review", 409, "The draft has no stories to be read by", AfterFix),
    entry("halt_not_found", 404, "No halt of these markets stands", Never),
    entry("template_not_found", 404, "No such template", Never),
    entry("liquidity_invalid", 422, "The liquidity cannot become that", AfterFix),
    // Articles.
    entry("article_not_found", 404, "No such article", Never),
    entry("article_embargoed", 409, "The article is under embargo", AfterFix),
    entry("article_taken", 409, "Another article has this address or text", AfterFix),
    entry("link_not_possible", 409, "The article cannot be linked to the market", Never),
    entry("article_empty", 422, "The article is empty", AfterFix),
    entry("article_title_missing", 422, "The article has no title", AfterFix),
    entry("article_title_too_long", 422, "The title is too long", AfterFix),
    entry("article_body_missing", 422, "The article has no text", AfterFix),
    entry("article_too_long", 413, "The article is too long", AfterFix),
    entry("article_field_too_long", 422, "A field of the article is too long", AfterFix),
    entry("article_text_not_allowed", 422, "A field has characters that may not be shown", AfterFix),
    entry("article_url_invalid", 422, "The canonical URL is not accepted", AfterFix),
    entry("article_field_invalid", 422, "A field of the article is not accepted", AfterFix),
    entry("article_markup_too_heavy", 422, "The body's HTML is too heavy", AfterFix),
    // What goes out.
    entry("digest_not_found", 404, "No such week", AfterFix),
    entry("mail_not_sent_here", 409, "This server sends no mail", AfterFix),
    entry("hook_not_found", 404, "No such hook", Never),
    entry("hook_url_invalid", 422, "The hook's address is not accepted", AfterFix),
    entry("too_many_hooks", 409, "Too many hooks", AfterFix),
    entry("article_cancelled", 409, "The article was cancelled", Never),
    entry("article_public", 409, "The article is public already", AfterFix),
    entry("already_planned", 409, "The link is planned already", AfterFix),
    entry("kept_out", 403, "The account works on an article of the market", Never),
    entry("too_many_kept_out", 409, "The market keeps too many accounts out", AfterFix),
    entry("plan_not_found", 404, "No such plan", Never),
    // What comes from outside.
    entry("source_refused", 422, "The address is not fetched", AfterFix),
    entry("source_unreachable", 502, "The source cannot be reached", Safe),
    entry("source_failed", 502, "The source's answer is of no use", Safe),
    entry("source_too_large", 502, "The source's answer is too large", AfterFix),
    entry("source_not_article", 422, "There is a feed at the address", AfterFix),
    entry("feed_unreadable", 422, "That is no feed", AfterFix),
    entry("feed_not_found", 404, "No such feed", Never),
    entry("too_many_feeds", 409, "Too many feeds", AfterFix),
];
