//! The words of the embed in its languages. The site itself is in English.
//! A golden test holds every language against every word.

/// A language of the embed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English.
    En,
    /// Japanese.
    Ja,
    /// Korean.
    Ko,
}

impl Lang {
    /// Every language.
    pub(crate) const ALL: [Lang; 3] = [Lang::En, Lang::Ja, Lang::Ko];

    /// The language that a tag such as `ja` or `ko-KR` asks for; English for any other.
    pub(crate) fn of(tag: &str) -> Lang {
        match tag.split('-').next().unwrap_or_default() {
            "ja" => Lang::Ja,
            "ko" => Lang::Ko,
            _ => Lang::En,
        }
    }

    /// Its tag for the `lang` attribute.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ja => "ja",
            Lang::Ko => "ko",
        }
    }

    /// Its words.
    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Lang::En => &ENGLISH,
            Lang::Ja => &JAPANESE,
            Lang::Ko => &KOREAN,
        }
    }
}

/// Every word that the embed uses.
#[derive(Debug)]
pub(crate) struct Words {
    /// The states of a market, in the order of [`crate::state::State`].
    pub(crate) states: [&'static str; 9],
    /// Before the time that the odds are from.
    pub(crate) as_of: &'static str,
    /// Instead of it, while nothing fresher can be had.
    pub(crate) last_known: &'static str,
    /// The button that stops live updates.
    pub(crate) pause: &'static str,
    /// The button that lets them go on.
    pub(crate) resume: &'static str,
    /// The link to the market's rules.
    pub(crate) rules: &'static str,
    /// The link to trading on the site.
    pub(crate) trade: &'static str,
    /// Beside odds that are only a last trade.
    pub(crate) thin: &'static str,
    /// Instead of a card whose market there is not.
    pub(crate) not_available: &'static str,
    /// Before the number of outcomes that a card leaves out.
    pub(crate) more: &'static str,
    /// Below outcomes whose whole per cents may come to 99 or 103.
    pub(crate) rounded: &'static str,
    /// Before the number that a scalar market's odds mean.
    pub(crate) expected: &'static str,
    /// Before the number that came out.
    pub(crate) result: &'static str,
    /// An article that no market belongs to.
    pub(crate) no_markets: &'static str,
}

const ENGLISH: Words = Words {
    states: [
        "Not open yet",
        "Open",
        "Halted",
        "Closed",
        "Resolution proposed",
        "Disputed",
        "Resolved",
        "Voided",
        "Status unknown",
    ],
    as_of: "As of",
    last_known: "Last known",
    pause: "Pause updates",
    resume: "Resume updates",
    rules: "Rules",
    trade: "Trade",
    thin: "last trade",
    not_available: "Not available",
    more: "More outcomes:",
    rounded: "Each is rounded by itself: the sum may not be 100 %.",
    expected: "Expected",
    result: "Result",
    no_markets: "No market belongs to this article.",
};

const JAPANESE: Words = Words {
    states: [
        "開始前",
        "取引中",
        "一時停止",
        "取引終了",
        "結果を提案中",
        "異議申立中",
        "確定",
        "無効",
        "状態不明",
    ],
    as_of: "時点",
    last_known: "最終確認",
    pause: "更新を一時停止",
    resume: "更新を再開",
    rules: "ルール",
    trade: "取引する",
    thin: "直近の取引",
    not_available: "表示できません",
    more: "ほかの選択肢:",
    rounded: "個別に端数を処理しているため、合計が100 %にならないことがあります。",
    expected: "予想",
    result: "結果",
    no_markets: "この記事に関連する市場はありません。",
};

const KOREAN: Words = Words {
    states: [
        "시작 전",
        "거래 중",
        "일시 중단",
        "거래 마감",
        "결과 제안됨",
        "이의 제기됨",
        "확정",
        "무효",
        "상태 불명",
    ],
    as_of: "기준",
    last_known: "마지막 확인",
    pause: "업데이트 일시 중지",
    resume: "업데이트 다시 시작",
    rules: "규칙",
    trade: "거래하기",
    thin: "최근 거래",
    not_available: "표시할 수 없음",
    more: "다른 결과:",
    rounded: "각각 반올림하므로 합계가 100 %가 아닐 수 있습니다.",
    expected: "예상",
    result: "결과",
    no_markets: "이 기사와 연결된 시장이 없습니다.",
};

#[cfg(test)]
mod tests;
