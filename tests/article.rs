//! The article that the story is about, as text copied from a page. The real one lies beside the
//! repository, where it is; otherwise one of our own with the same damage stands in.

use std::path::PathBuf;

use crate::left_out::left_out;
use crate::server::root;

/// An article as it was copied, and what has to come out of it.
#[derive(Clone, Debug)]
pub struct Pasted {
    /// The text.
    pub text: String,
    /// Its section path.
    pub section: &'static [&'static str],
    /// Its title.
    pub title: &'static str,
    /// Its tags, without the one that is an editorial flag.
    pub tags: &'static [&'static str],
    /// Words on either side of a place where the copy lost the space between two sentences.
    pub seam: (&'static str, &'static str),
    /// The last words of its last sentence.
    pub last_words: &'static str,
    /// Words of the promotion at its foot, which belongs to nobody's text.
    pub promotion: &'static [&'static str],
    /// Its name in addresses begins with this.
    pub slug: &'static str,
}

/// The file of the article that [`pasted`] gives.
///
/// # Panics
/// When our own text cannot be written where the build is.
pub fn file() -> PathBuf {
    let real = real();
    if real.is_file() {
        return real;
    }
    let own = std::env::temp_dir().join(format!("tidings-article-{}.txt", std::process::id()));
    std::fs::write(&own, OWN).expect("a temporary file");
    own
}

/// The real article, or our own, which is said aloud.
pub fn pasted() -> Pasted {
    match std::fs::read_to_string(real()) {
        Ok(text) => Pasted {
            text,
            section: &["Politics", "Diplomacy", "Bilateral Relations"],
            title: "Japan and South Korea Forge Cautious Path Forward in High-Stakes Summit",
            tags: &[
                "Japan",
                "South Korea",
                "Sanae Takaichi",
                "Lee Jae-myung",
                "diplomacy",
                "APEC summit",
                "bilateral relations",
            ],
            seam: ("contentious disputes.", "However, this display"),
            last_words: "are in constant negotiation.",
            promotion: &[
                "Stay Informed",
                "Act Smarter",
                "weekly highlights",
                "live prediction markets",
            ],
            slug: "japan-and-south-korea-forge-cautious-path",
        },
        Err(_) => {
            left_out(
                "the real article",
                "it does not lie beside the repository; our own stands in",
            );
            own()
        }
    }
}

/// Our own text, with the same copying damage.
pub fn own() -> Pasted {
    Pasted {
        text: OWN.to_owned(),
        section: &["World", "Trade", "Ferry Talks"],
        title: "Halmere and Vestrany Reopen Careful Ferry Talks After Winter Pause",
        tags: &[
            "Halmere",
            "North Vestrany",
            "ferry talks",
            "trade",
            "Strait Council",
        ],
        seam: ("for eleven weeks.", "Yet the harbour dues"),
        last_words: "will both be spent.",
        promotion: &[
            "Stay Informed",
            "Read Deeper",
            "weekly highlights",
            "prediction markets",
        ],
        slug: "halmere-and-vestrany-reopen-careful-ferry",
    }
}

fn real() -> PathBuf {
    root().join("../shared/article/japan-korea-summit.txt")
}

const OWN: &str = "\
WorldtradeFerry Talks
Halmere and Vestrany Reopen Careful Ferry Talks After Winter Pause
In a measured gesture, Prime Minister Ilse Maren of Halmere and President Tomas Okvist of Vestrany \
met on the strait for the first time since autumn, and let their ministers speak of timetables \
again. The handshake was firm and the smiles were real, in a dispute that had been frozen for \
eleven weeks.Yet the harbour dues remain where they were, and so do the islets that each side calls \
by a name of its own. These questions form the silent challenge beneath every paragraph of the \
agenda.The reason for the thaw is plain: both coasts lose freight to the southern canal, and \
neither can win it back alone.Experts call the resumption itself the achievement, since it leaves \
room for small steps. The price of failure is high; a second freeze would cost a season, and the \
patience of two parliaments and of two harbours, which will both be spent.
#Halmere
#North Vestrany
#ferry talks
#trade
#Strait Council
#featured
Stay Informed. Read Deeper.
Get weekly highlights, major headlines, and expert insights — then put your knowledge to work in our live prediction markets.
";
