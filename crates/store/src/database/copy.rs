//! Rows in the binary form of PostgreSQL's `COPY`.

use crate::database::Rows;
use crate::database::rows::Column;

/// Bytes after which a part is sent: a statement's rows can be many megabytes, which need not be there twice. It is some
/// 200 rows, which keep a server for 0.2 ms, and between two parts whoever sends them may rest.
const PART: usize = 1 << 15;

/// What comes before the rows: the signature, no flags and no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What comes after the rows: a row of -1 columns.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// The length of a null.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// Rows as copies to make one after the other, each in parts. Each column of the table has to be of the type that its
/// column here is: `bigint`, `boolean` or `text`.
pub(super) struct Parts<'a> {
    rows: &'a Rows<'a>,
    next: usize,
    /// Parts that a copy has at most.
    of_a_copy: usize,
    /// Those that this one has.
    begun: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn of(rows: &'a Rows<'a>, of_a_copy: usize) -> Parts<'a> {
        Parts {
            rows,
            next: 0,
            of_a_copy,
            begun: 0,
        }
    }

    /// Whether there is something to copy yet.
    pub(super) fn go_on(&self) -> bool {
        self.next < self.rows.count()
    }

    /// Puts the next part into a buffer, in the place of what was there. False when the copy ends with it.
    pub(super) fn next(&mut self, part: &mut Vec<u8>) -> bool {
        part.clear();
        if self.begun == 0 {
            part.extend_from_slice(HEADER);
        }
        while self.next < self.rows.count() && part.len() < PART {
            self.put_row(part);
            self.next += 1;
        }
        self.begun += 1;
        if self.go_on() && self.begun < self.of_a_copy {
            return true;
        }
        part.extend_from_slice(&TRAILER);
        self.begun = 0;
        false
    }

    fn put_row(&self, part: &mut Vec<u8>) {
        let columns = self.rows.columns();
        let count = i16::try_from(columns.len()).expect("a table has at most 1,600 columns");
        part.extend_from_slice(&count.to_be_bytes());
        for column in columns {
            match column {
                Column::Ints(values) => put(part, values[self.next].map(i64::to_be_bytes)),
                Column::Bools(values) => put(part, Some([u8::from(values[self.next])])),
                Column::Texts(values) => put(part, values[self.next]),
            }
        }
    }
}

fn put(part: &mut Vec<u8>, value: Option<impl AsRef<[u8]>>) {
    let Some(value) = value else {
        return part.extend_from_slice(&NULL);
    };
    let bytes = value.as_ref();
    let length = i32::try_from(bytes.len()).expect("a text is far below a gigabyte");
    part.extend_from_slice(&length.to_be_bytes());
    part.extend_from_slice(bytes);
}
