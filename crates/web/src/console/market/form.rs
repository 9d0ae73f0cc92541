//! A form as it was filled in: what was typed, what was refused, and the key under which it is sent.

use std::collections::HashMap;

use tidings_api::console::random_text;

use crate::console::call::Refused;
use crate::site::Unavailable;

/// A form.
pub(crate) struct Filled {
    /// Which one, by the end of its route; empty, where none was sent.
    which: String,
    fields: HashMap<String, String>,
    /// Why it was not carried out.
    pub(crate) refused: Option<Refused>,
    /// A form that is sent twice, by a double click or a reload, is one command.
    pub(crate) key: String,
}

impl Filled {
    /// Nothing is typed yet.
    pub(crate) fn fresh() -> Result<Filled, Unavailable> {
        Filled::of("", HashMap::new()).renewed()
    }

    /// What a browser sent.
    pub(crate) fn of(which: &str, fields: HashMap<String, String>) -> Filled {
        let key = fields.get("key").cloned().unwrap_or_default();
        Filled {
            which: which.to_owned(),
            fields,
            refused: None,
            key,
        }
    }

    /// To be sent once more: as another command, because the first one has its answer.
    pub(crate) fn renewed(self) -> Result<Filled, Unavailable> {
        let key = format!("console-{}", random_text()?);
        Ok(Filled { key, ..self })
    }

    /// What was typed into a field, without the white space around it.
    pub(crate) fn typed(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", |text| text.trim())
    }

    /// What was typed as an outcome's share.
    pub(crate) fn share(&self, outcome: &str) -> &str {
        self.typed(&format!("share.{outcome}"))
    }

    /// The same, if it is this form's.
    pub(crate) fn was(&self, which: &str, field: &str) -> &str {
        match self.which == which {
            true => self.typed(field),
            false => "",
        }
    }

    /// What was refused of this form.
    pub(crate) fn refused_of(&self, which: &str) -> Option<&Refused> {
        self.refused.as_ref().filter(|_| self.which == which)
    }
}
