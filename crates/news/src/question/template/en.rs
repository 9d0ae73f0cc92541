//! Templates in English.

use super::Words;

const YES_NO: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];

/// In the order of [`super::Template::ALL`].
pub(super) const WORDS: [Words; 5] = [
    Words {
        question: "Will {people} meet in person before {deadline}?",
        outcomes: YES_NO,
        criteria: "Yes if {people} meet in person, and {source} reports it, before {deadline}. No if they do not.",
        edge_cases: &[
            "A meeting is one that both sides call a meeting. A brief encounter on the sidelines of another event, a call, a talk by video and a meeting of deputies do not count.",
            "If {source} publishes nothing about it for seven days after that moment, {fallback} is believed; if neither reports a meeting, it is No.",
        ],
        early_close: &["Trading ends once {source} reports that {people} have met in person."],
        worlds: &[
            (
                "At a gathering of other countries they sit down for forty minutes. That evening both offices call it a meeting.",
                "yes",
            ),
            (
                "At such a gathering they shake hands in a corridor and talk for two minutes. Neither office calls it a meeting.",
                "no",
            ),
            (
                "They talk by video for two hours, and agree to see each other in person after the deadline.",
                "no",
            ),
        ],
    },
    Words {
        question: "Will {figure} be above {threshold}, as first published before {deadline}?",
        outcomes: YES_NO,
        criteria: "Yes if {figure} is above {threshold} as {source} first publishes it before {deadline}. No if it is {threshold} or less.",
        edge_cases: &[
            "The number that is published first counts. Revisions do not change the answer.",
            "If {source} has not published it by that moment, the number that {fallback} reports by then counts; if there is none, the market is called off.",
        ],
        early_close: &["Trading ends once {source} has published the number."],
        worlds: &[
            (
                "{source} publishes a number a little above {threshold}, and lowers it below {threshold} two months later.",
                "yes",
            ),
            ("{source} publishes exactly {threshold}.", "no"),
            (
                "{source} puts the publication off until after the deadline, and {fallback} reports no number.",
                "",
            ),
        ],
    },
    Words {
        question: "Of what rank will the highest representative of {party} at {event} be, as known at {deadline}?",
        outcomes: &[
            ("leader", "Head of state or government"),
            ("minister", "Member of the cabinet"),
            ("official", "Another official"),
            ("none", "Nobody"),
        ],
        criteria: "By the highest rank of those who attend {event} in person for {party} before {deadline}: Head of state or government; Member of the cabinet; Another official; Nobody if no official attends, or if it does not take place before then.",
        edge_cases: &[
            "Whoever acts in an office counts as holding it. A message that is read out, or a part taken by video, is no attendance.",
            "If {source} publishes nothing about who attended, {fallback} is believed; if neither reports anybody, it is Nobody.",
        ],
        early_close: &["Trading ends once {event} is over."],
        worlds: &[
            (
                "The foreign minister flies in and sits in the first row.",
                "minister",
            ),
            (
                "A message of the head of government is read out, and an ambassador sits in the first row.",
                "official",
            ),
            ("It is put off until after the deadline.", "none"),
        ],
    },
    Words {
        question: "Will {measure} be in force before {deadline}?",
        outcomes: YES_NO,
        criteria: "Yes if {measure} is in force at any moment before {deadline}, by the official text that {source} publishes. No if it is not.",
        edge_cases: &[
            "What is adopted, signed or announced is not in force yet. In force for a part of those whom it concerns is in force.",
            "If {source} publishes nothing about it by that moment, {fallback} is believed; if neither reports that it is in force, it is No.",
        ],
        early_close: &["Trading ends once {source} has published that {measure} is in force."],
        worlds: &[
            (
                "It is signed a week before the deadline, and takes effect on the first day of the month after it.",
                "no",
            ),
            (
                "It takes effect a month before the deadline, and a court suspends it two weeks later.",
                "yes",
            ),
            (
                "It takes effect in one province before the deadline, and everywhere else a year later.",
                "yes",
            ),
        ],
    },
    Words {
        question: "How many {things} will there be from {start} to {deadline}?",
        outcomes: &[
            ("below", "Fewer than {low}"),
            ("between", "{low} to {high}"),
            ("above", "More than {high}"),
        ],
        criteria: "Counted are {things} from {start} until {deadline}, as {source} first publishes the number: Fewer than {low}; {low} to {high}, both of them included; More than {high}.",
        edge_cases: &[
            "The number that is published first counts. Corrections do not change the answer.",
            "If {source} has not published a number 30 days after that moment, the number that {fallback} reports counts; if there is none, the market is called off.",
        ],
        early_close: &[],
        worlds: &[
            (
                "{source} publishes {high}. A newspaper has counted more.",
                "between",
            ),
            (
                "{source} publishes one less than {low}, and corrects it to {low} a week later.",
                "below",
            ),
            ("Neither {source} nor {fallback} publishes a number.", ""),
        ],
    },
];
