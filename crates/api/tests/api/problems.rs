//! The table of problems. A code that was given out is never lost and never means something else:
//! lines may be added here, and none may change.

use std::collections::BTreeSet;

use expect_test::expect;
use tidings_api::{Problem, problem_table};
use tidings_core::Reject;
use tidings_core::id::AccountId;
use tidings_core::market::Status;
use tidings_core::reject::{MarketFault, OrderFault};
use tidings_core::units::{Lots, Micros, Timestamp};
use tidings_news::ImportError;

#[test]
fn the_table_is_what_clients_know() {
    let lines: Vec<String> = problem_table()
        .iter()
        .map(|entry| format!("{} {} {}", entry.status, entry.code, entry.retry.word()))
        .collect();
    expect![[r#"
        400 invalid_body after_fix
        400 invalid_query after_fix
        400 invalid_idempotency_key after_fix
        400 text_not_allowed after_fix
        404 not_found never
        405 method_not_allowed never
        408 body_too_slow safe
        413 body_too_large after_fix
        414 uri_too_long after_fix
        415 unsupported_media_type after_fix
        426 upgrade_needed after_fix
        409 auth_too_late after_fix
        431 head_too_large after_fix
        422 idempotency_key_reused after_fix
        400 invalid_head after_fix
        401 key_missing after_fix
        401 key_invalid after_fix
        401 signature_invalid after_fix
        401 signature_expired after_fix
        401 signature_used after_fix
        400 content_digest_mismatch after_fix
        403 address_not_allowed after_fix
        403 scope_missing after_fix
        403 role_not_allowed never
        429 rate_limited safe
        429 too_many_failures safe
        429 too_many_streams_here safe
        429 export_running safe
        503 too_many_exports safe
        422 statement_too_long after_fix
        429 too_many_streams_of_account safe
        409 too_many_subscriptions after_fix
        503 too_many_connections safe
        409 not_yet safe
        500 internal safe
        503 busy safe
        503 starting safe
        503 unavailable safe
        503 unknown_outcome safe
        503 too_many_streams safe
        404 account_not_found never
        404 key_not_found never
        409 key_taken after_fix
        409 key_rotated after_fix
        403 grant_too_wide after_fix
        422 grant_invalid after_fix
        409 too_many_keys after_fix
        409 sign_in_name_taken after_fix
        404 sign_in_not_found never
        422 password_too_weak after_fix
        409 insufficient_funds after_fix
        409 insufficient_position after_fix
        422 limit_exceeded after_fix
        404 order_not_found never
        409 market_not_open after_fix
        422 price_off_tick after_fix
        409 post_only_would_take after_fix
        409 fok_not_filled after_fix
        409 nothing_to_fill after_fix
        409 too_late after_fix
        422 order_invalid after_fix
        409 too_many_orders after_fix
        409 client_order_id_taken after_fix
        422 resting_not_supported after_fix
        409 book_full after_fix
        404 proposal_not_found never
        403 account_frozen after_fix
        422 allowance_invalid after_fix
        404 market_not_found never
        404 outcome_not_found never
        422 market_invalid after_fix
        409 slug_taken after_fix
        409 wrong_phase after_fix
        422 payout_invalid after_fix
        422 evidence_insufficient after_fix
        422 evidence_invalid after_fix
        422 clause_unknown after_fix
        422 early_close_clause_missing after_fix
        409 second_operator_needed after_fix
        403 conflict_of_interest never
        409 dispute_window_open after_fix
        409 dispute_window_closed never
        403 not_a_holder never
        409 correction_too_late never
        422 nothing_to_correct after_fix
        409 correction_uncovered after_fix
        403 not_the_sponsor never
        409 draft_changed after_fix
        409 review_missing after_fix
        403 review_by_author never
        409 worlds_differ after_fix
        409 reviewed_already after_fix
        409 nothing_to_review after_fix
        404 halt_not_found never
        404 template_not_found never
        422 liquidity_invalid after_fix
        404 article_not_found never
        409 article_embargoed after_fix
        409 article_taken after_fix
        409 link_not_possible never
        422 article_empty after_fix
        422 article_title_missing after_fix
        422 article_title_too_long after_fix
        422 article_body_missing after_fix
        413 article_too_long after_fix
        422 article_field_too_long after_fix
        422 article_text_not_allowed after_fix
        422 article_url_invalid after_fix
        422 article_field_invalid after_fix
        422 article_markup_too_heavy after_fix
        404 digest_not_found after_fix
        409 mail_not_sent_here after_fix
        404 hook_not_found never
        422 hook_url_invalid after_fix
        409 too_many_hooks after_fix
        409 article_cancelled never
        409 article_public after_fix
        409 already_planned after_fix
        403 kept_out never
        409 too_many_kept_out after_fix
        404 plan_not_found never
        422 source_refused after_fix
        502 source_unreachable safe
        502 source_failed safe
        502 source_too_large after_fix
        422 source_not_article after_fix
        422 feed_unreadable after_fix
        404 feed_not_found never
        409 too_many_feeds after_fix"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn no_code_comes_twice() {
    let codes: BTreeSet<&str> = problem_table().iter().map(|entry| entry.code).collect();
    assert_eq!(codes.len(), problem_table().len());
    assert!(
        problem_table()
            .iter()
            .all(|entry| (400..=599).contains(&entry.status))
    );
}

#[test]
fn every_refusal_has_its_line() {
    let (lots, micros, at) = (Lots::new(1), Micros::new(1), Timestamp::from_micros(0));
    let refusals = [
        Reject::AccountNotFound,
        Reject::RoleNotAllowed,
        Reject::MarketNotFound,
        Reject::OutcomeNotFound,
        Reject::OrderNotFound,
        Reject::KeyNotFound,
        Reject::KeyTaken,
        Reject::InsufficientFunds {
            available: micros,
            required: micros,
        },
        Reject::InsufficientPosition {
            available: lots,
            required: lots,
        },
        Reject::LimitExceeded,
        Reject::MarketNotOpen {
            status: Status::Halted,
        },
        Reject::PriceOffTick { tick: 100 },
        Reject::PostOnlyWouldTake,
        Reject::FokNotFilled { fillable: lots },
        Reject::NothingToFill,
        Reject::TooLate,
        Reject::OrderInvalid {
            fault: OrderFault::SpendSells,
        },
        Reject::TooManyOrders { most: 1_000 },
        Reject::ClientOrderIdTaken,
        Reject::RestingNotSupported,
        Reject::MarketInvalid {
            fault: MarketFault::Slug,
        },
        Reject::SlugTaken,
        Reject::WrongPhase {
            status: Status::Draft,
        },
        Reject::PayoutInvalid,
        Reject::SecondOperatorNeeded {
            proposed_by: AccountId(3),
        },
        Reject::ConflictOfInterest,
        Reject::DisputeWindowOpen { until: at },
        Reject::DisputeWindowClosed,
        Reject::NotAHolder,
        Reject::IdempotencyKeyReused,
        Reject::BookFull,
        Reject::LinkNotPossible,
        Reject::NotTheSponsor,
        Reject::LiquidityInvalid,
        Reject::GrantTooWide,
        Reject::GrantInvalid,
        Reject::TooManyKeys { most: 50 },
        Reject::KeyRotated { successor: 1 },
        Reject::KeyInvalid,
        Reject::DraftChanged,
        Reject::KeptOut,
        Reject::TooManyKeptOut { most: 2_048 },
        Reject::CorrectionTooLate,
        Reject::NothingToCorrect,
        Reject::CorrectionUncovered {
            missing: tidings_core::units::Micros::new(12_500_000),
        },
        Reject::EvidenceInsufficient {
            primary: 0,
            publishers: 1,
            others: 1,
        },
        Reject::EvidenceInvalid {
            item: 2,
            fault: tidings_core::evidence::EvidenceFault::NotPrimary,
        },
        Reject::ClauseUnknown,
        Reject::EarlyCloseClauseMissing,
        Reject::ReviewMissing,
        Reject::ReviewByAuthor,
        Reject::WorldsDiffer,
        Reject::ReviewedAlready,
        Reject::NothingToReview,
    ];
    for reject in refusals {
        assert_eq!(Problem::from(reject.clone()).code(), reject.code());
    }
    let imports = [
        ImportError::Empty,
        ImportError::TitleMissing,
        ImportError::TitleTooLong { chars: 201 },
        ImportError::BodyMissing,
        ImportError::TooLong { bytes: 2_000_000 },
        ImportError::FieldTooLong {
            field: "tags",
            limit: 50,
            unit: "tags",
        },
        ImportError::TextNotAllowed {
            field: "title",
            code_point: 0x202e,
            kind: "control",
        },
        ImportError::UrlInvalid { reason: "no host" },
        ImportError::FieldInvalid {
            field: "language",
            expected: "a tag",
        },
        ImportError::MarkupTooHeavy,
    ];
    for error in imports {
        let code = error.code();
        assert_eq!(Problem::from(error).code(), code);
    }
}
