//! Two-column CSV files, read line by line, so that every fault names its line (RFC 4180).

use crate::invalid::Invalid;

/// The greatest file that is taken, in bytes: 10 MiB.
pub const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// After this many faults a file is not read further: the first ones tell the story.
const MOST_FAULTS: usize = 20;

/// Collects the faults of one file: a form's faults on the field that carried it.
#[derive(Debug)]
pub struct Faults<'a> {
    field: &'a str,
    invalid: Invalid,
}

impl<'a> Faults<'a> {
    /// No faults yet in the file of a form field.
    pub fn of(field: &'a str) -> Self {
        Self { field, invalid: Invalid::default() }
    }
    /// Adds a fault.
    pub fn add(&mut self, code: &str, params: &[&dyn ToString]) {
        self.invalid.add(self.field, code, params);
    }
    /// Whether there are so many that one should stop.
    pub fn enough(&self) -> bool {
        self.invalid.0.len() >= MOST_FAULTS
    }
    /// Whether there are none.
    pub fn none(&self) -> bool {
        self.invalid.0.is_empty()
    }
    /// The faults, or nothing.
    pub fn into_result(self) -> Result<(), Invalid> {
        self.invalid.into_result()
    }
}

/// One line of two cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// The first cell.
    pub id: String,
    /// The second cell.
    pub value: String,
}

/// Turns bytes into text; a byte order mark is taken off, every other encoding than UTF-8 is refused.
pub fn decode<'a>(field: &str, bytes: &'a [u8]) -> Result<&'a str, Invalid> {
    if bytes.len() > LARGEST_FILE {
        return Err(too_large(field));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Invalid::field(field, "csv_utf16"));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let line_of = |position: usize| {
        1 + bytes.get(..position).map_or(0, |head| head.iter().filter(|byte| **byte == b'\n').count())
    };
    if let Some(position) = bytes.iter().position(|byte| *byte == 0) {
        // Latin text in UTF-16 without a mark has a zero beside every letter, from the first one on.
        if position < 2 {
            return Err(Invalid::field(field, "csv_utf16"));
        }
        return Err(Invalid::with(field, "csv_nul", &[&line_of(position)]));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|fault| Invalid::with(field, "csv_not_utf8", &[&line_of(fault.valid_up_to())]))?;
    if text.trim().is_empty() { Err(Invalid::field(field, "csv_empty")) } else { Ok(text) }
}

/// The refusal of a file that is too large; also for those who stop reading before its end.
pub fn too_large(field: &str) -> Invalid {
    Invalid::with(field, "csv_too_large", &[&(LARGEST_FILE / 1024 / 1024)])
}

/// Reads a header and lines of two cells; lines that are wholly empty are passed over.
pub fn two_columns(text: &str, header: [&str; 2], faults: &mut Faults<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut records = Records { rest: text, line: 1 };
    let expected = header.join(",");
    match records.next() {
        Some((_, Ok(cells))) => {
            let same = cells.len() == 2
                && cells.iter().zip(header).all(|(cell, name)| cell.trim().eq_ignore_ascii_case(name));
            if !same {
                let found: String = cells.join(",").chars().take(80).collect();
                faults.add("csv_header", &[&expected, &found]);
                return lines;
            }
        }
        Some((number, Err(Quote))) => {
            faults.add("csv_quote", &[&number]);
            return lines;
        }
        None => return lines,
    }
    for (number, record) in records {
        if faults.enough() {
            break;
        }
        match record.map(<[String; 2]>::try_from) {
            Ok(Ok([id, value])) => {
                lines.push(Line { number, id: id.trim().to_owned(), value: value.trim().to_owned() });
            }
            Ok(Err(cells)) => faults.add("csv_columns", &[&number, &cells.len(), &2]),
            Err(Quote) => faults.add("csv_quote", &[&number]),
        }
    }
    if faults.none() && lines.is_empty() {
        faults.add("csv_no_rows", &[]);
    }
    lines
}

/// A quotation mark in the wrong place.
#[derive(Debug, PartialEq, Eq)]
struct Quote;

/// The records of a text with the number of the line on which each begins.
struct Records<'a> {
    rest: &'a str,
    line: usize,
}

impl Iterator for Records<'_> {
    type Item = (usize, Result<Vec<String>, Quote>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let number = self.line;
            let plain_end = self.rest.find(['\n', '\r', '"']).unwrap_or(self.rest.len());
            // A line without any quotation mark, nearly always: cut it at the commas.
            if !self.rest.get(plain_end..).is_some_and(|rest| rest.starts_with('"')) {
                let line = self.take(plain_end);
                self.end_of_line();
                if line.trim().is_empty() {
                    continue;
                }
                return Some((number, Ok(line.split(',').map(str::to_owned).collect())));
            }
            return Some((number, self.quoted_record()));
        }
    }
}

impl<'a> Records<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }
    fn end_of_line(&mut self) {
        let mark = if self.rest.starts_with("\r\n") { 2 } else { usize::from(!self.rest.is_empty()) };
        self.take(mark);
        self.line += 1;
    }
    fn rest_of_line(&mut self) {
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        self.take(end);
        self.end_of_line();
    }
    fn quoted_record(&mut self) -> Result<Vec<String>, Quote> {
        let mut cells = Vec::new();
        loop {
            let cell = if self.rest.starts_with('"') { self.quoted_cell() } else { Ok(self.plain_cell()) };
            let Ok(cell) = cell else {
                self.rest_of_line();
                return Err(Quote);
            };
            cells.push(cell);
            if self.rest.starts_with(',') {
                self.take(1);
            } else if self.rest.is_empty() || self.rest.starts_with(['\n', '\r']) {
                self.end_of_line();
                return Ok(cells);
            } else {
                self.rest_of_line();
                return Err(Quote);
            }
        }
    }
    fn plain_cell(&mut self) -> String {
        let end = self.rest.find([',', '\n', '\r', '"']).unwrap_or(self.rest.len());
        self.take(end).to_owned()
    }
    /// A cell in quotation marks; a doubled mark stands for one. Nothing here goes over several lines.
    fn quoted_cell(&mut self) -> Result<String, Quote> {
        self.take(1);
        let mut cell = String::new();
        loop {
            let end = self.rest.find(['"', '\n', '\r']).ok_or(Quote)?;
            cell.push_str(self.take(end));
            if !self.rest.starts_with('"') {
                return Err(Quote);
            }
            self.take(1);
            if !self.rest.starts_with('"') {
                return Ok(cell);
            }
            cell.push('"');
            self.take(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<(usize, String, String)>, Vec<String>> {
        let mut faults = Faults::of("file");
        let lines = two_columns(text, ["id", "target"], &mut faults);
        faults
            .into_result()
            .map(|()| lines.into_iter().map(|line| (line.number, line.id, line.value)).collect())
            .map_err(|invalid| {
                invalid.0.iter().map(|fault| format!("{}({})", fault.code, fault.params.join("|"))).collect()
            })
    }
    fn line(number: usize, id: &str, value: &str) -> (usize, String, String) {
        (number, id.to_owned(), value.to_owned())
    }

    #[test]
    fn reads_what_spreadsheets_write() {
        assert_eq!(read("id,target\n1,a\n2,b\n"), Ok(vec![line(2, "1", "a"), line(3, "2", "b")]));
        assert_eq!(read("ID , Target\r\n\r\n1, a \r\n"), Ok(vec![line(3, "1", "a")]));
        assert_eq!(
            read("\"id\",\"target\"\n\"1\",\"a \"\"b\"\", c\"\n"),
            Ok(vec![line(2, "1", "a \"b\", c")])
        );
        assert_eq!(read("id,target\r1,a"), Ok(vec![line(2, "1", "a")]));
    }

    #[test]
    fn every_fault_names_its_line() {
        let refused = |text| read(text).unwrap_err();
        assert_eq!(refused("id;target\n1;a\n"), ["csv_header(id,target|id;target)"]);
        assert_eq!(refused("id,target\n1\n2,b,c\n"), ["csv_columns(2|1|2)", "csv_columns(3|3|2)"]);
        assert_eq!(refused("id,target\n1,\"a\n2,b\n3,\"c\"x\n"), ["csv_quote(2)", "csv_quote(4)"]);
        assert_eq!(refused("id,target\n1,a\"b\n"), ["csv_quote(2)"]);
        assert_eq!(refused("id,target\n"), ["csv_no_rows()"]);
        assert_eq!(refused(&format!("id,target\n{}", "x\n".repeat(1_000))).len(), 20);
    }

    #[test]
    fn other_encodings_are_refused() {
        let refused = |bytes: &[u8]| {
            let fault = decode("file", bytes).unwrap_err().0.remove(0);
            format!("{}({})", fault.code, fault.params.join("|"))
        };
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(refused(&utf16("\u{FEFF}id,target\n")), "csv_utf16()");
        assert_eq!(refused(&utf16("id,target\n")), "csv_utf16()");
        assert_eq!(refused(b"id,target\n1,\xC0\xAF\n"), "csv_not_utf8(2)");
        assert_eq!(refused(b"id,target\n1,a\n2,\0\n"), "csv_nul(3)");
        assert_eq!(refused(b""), "csv_empty()");
        assert_eq!(refused(b"\xEF\xBB\xBF \n"), "csv_empty()");
        assert_eq!(refused(&vec![b'1'; LARGEST_FILE + 1]), "csv_too_large(10)");
        assert_eq!(decode("file", b"\xEF\xBB\xBFid"), Ok("id"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(text) = decode("file", &bytes) {
                let _ = read(text);
                let _ = read(&format!("id,target\n{text}"));
            }
        }

        #[test]
        fn what_is_quoted_is_read(cells in prop::collection::vec(("[a-z0-9]{1,5}", "[a-z\", ]{1,8}[a-z]"), 1..20)) {
            let mut text = "id,target\n".to_owned();
            for (id, value) in &cells {
                text.push_str(&format!("{id},\"{}\"\r\n", value.replace('"', "\"\"")));
            }
            let read = read(&text).unwrap();
            let found: Vec<_> = read.iter().map(|(_, id, value)| (id.clone(), value.clone())).collect();
            let expected: Vec<_> = cells.iter().map(|(id, v)| (id.clone(), v.trim().to_owned())).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
