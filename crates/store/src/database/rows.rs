//! Rows to write at once, kept by column: PostgreSQL takes columns, and SQLite takes a text that is
//! made of them.

use std::fmt::Write;

/// Rows for one statement, in the order of its columns.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    count: usize,
    columns: Vec<Column<'a>>,
}

/// One column's values.
#[derive(Clone, Debug)]
pub(crate) enum Column<'a> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
}

impl<'a> Rows<'a> {
    /// So many rows, without columns as yet.
    pub(crate) fn new(count: usize) -> Rows<'a> {
        Rows {
            count,
            columns: Vec::new(),
        }
    }

    /// Adds a column of whole numbers.
    pub(crate) fn ints(mut self, values: impl Iterator<Item = impl Into<Option<i64>>>) -> Rows<'a> {
        let values: Vec<Option<i64>> = values.map(Into::into).collect();
        assert_eq!(values.len(), self.count, "columns are of one length");
        self.columns.push(Column::Ints(values));
        self
    }

    /// Adds a column of texts.
    pub(crate) fn texts(
        mut self,
        values: impl Iterator<Item = impl Into<Option<&'a str>>>,
    ) -> Rows<'a> {
        let values: Vec<Option<&str>> = values.map(Into::into).collect();
        assert_eq!(values.len(), self.count, "columns are of one length");
        self.columns.push(Column::Texts(values));
        self
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows, column by column.
    pub(super) fn columns(&self) -> &[Column<'a>] {
        &self.columns
    }

    /// The rows as one JSON array of arrays.
    pub(super) fn json(&self) -> String {
        let mut json = String::with_capacity(self.count * self.columns.len() * 8);
        json.push('[');
        for row in 0..self.count {
            json.push(if row == 0 { '[' } else { ',' });
            if row > 0 {
                json.push('[');
            }
            for (ix, column) in self.columns.iter().enumerate() {
                if ix > 0 {
                    json.push(',');
                }
                column.write(row, &mut json);
            }
            json.push(']');
        }
        json.push(']');
        json
    }
}

impl Column<'_> {
    fn write(&self, row: usize, json: &mut String) {
        match self {
            Column::Ints(values) => match values[row] {
                Some(number) => write!(json, "{number}").expect("writing to memory does not fail"),
                None => json.push_str("null"),
            },
            Column::Texts(values) => {
                let value = serde_json::to_string(&values[row]);
                json.push_str(&value.expect("text has a JSON form"));
            }
        }
    }
}
