//! Rows to write at once, kept by column: PostgreSQL takes columns or a copy, and SQLite some hundred rows as the
//! values of one statement. That is a third less work than a JSON text that it has to take apart.

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
    Bools(Vec<bool>),
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

    /// Adds a column of truth values.
    pub(crate) fn bools(mut self, values: impl Iterator<Item = bool>) -> Rows<'a> {
        let values: Vec<bool> = values.collect();
        assert_eq!(values.len(), self.count, "columns are of one length");
        self.columns.push(Column::Bools(values));
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

    /// The values of the first column, which is a table's key.
    pub(super) fn keys(&self) -> impl Iterator<Item = i64> {
        let keys = match self.columns.first() {
            Some(Column::Ints(keys)) => keys.as_slice(),
            _ => &[],
        };
        keys.iter().copied().flatten()
    }

    /// The rows for whose key something is so, and the others.
    pub(super) fn split(&self, is_so: impl Fn(i64) -> bool) -> (Rows<'a>, Rows<'a>) {
        let marks: Vec<bool> = self.keys().map(is_so).collect();
        (self.marked(&marks, true), self.marked(&marks, false))
    }

    fn marked(&self, marks: &[bool], wanted: bool) -> Rows<'a> {
        let columns = self.columns.iter().map(|column| match column {
            Column::Ints(values) => Column::Ints(marked(values, marks, wanted)),
            Column::Bools(values) => Column::Bools(marked(values, marks, wanted)),
            Column::Texts(values) => Column::Texts(marked(values, marks, wanted)),
        });
        Rows {
            count: marks.iter().filter(|mark| **mark == wanted).count(),
            columns: columns.collect(),
        }
    }

    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The rows, column by column.
    pub(super) fn columns(&self) -> &[Column<'a>] {
        &self.columns
    }
}

fn marked<T: Copy>(values: &[T], marks: &[bool], wanted: bool) -> Vec<T> {
    let pairs = values.iter().zip(marks);
    let wanted = pairs.filter(|(_, mark)| **mark == wanted);
    wanted.map(|(value, _)| *value).collect()
}
