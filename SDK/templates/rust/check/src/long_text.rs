//! Counts texts that are longer than a limit, column by column, from their lengths alone.
//!
//! The counts do not depend on how the rows are cut into batches, nor on the order in which parts are merged.

/// Scalars; change it here: runs give a check no configuration yet.
pub const LIMIT: i64 = 255;

/// So many rows of a column are named at most: the first ones.
pub const MOST_ORDINALS: usize = 100;

/// And so many of all columns together, so that a verdict stays below 1 MiB.
pub const ALL_ORDINALS: usize = 20_000;

/// What was found in one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub count: u64,
    /// Ascending.
    pub ordinals: Vec<i64>,
}

/// What was found in all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LongText {
    pub limit: i64,
    pub rows: u64,
    pub columns: Vec<Column>,
}

impl Column {
    /// Keep the smallest ordinals, in order.
    fn keep(&mut self, ordinal: i64, most: usize) {
        let at = self.ordinals.partition_point(|known| *known < ordinal);
        if at < most {
            self.ordinals.insert(at, ordinal);
            self.ordinals.truncate(most);
        }
    }
}

impl LongText {
    pub fn new(limit: i64, columns: usize) -> LongText {
        LongText { limit, rows: 0, columns: vec![Column::default(); columns] }
    }

    /// Ordinals that are kept of each column.
    fn most(&self) -> usize {
        MOST_ORDINALS.min(ALL_ORDINALS / self.columns.len().max(1))
    }

    /// A text of `length` scalars in a column of a row.
    pub fn add(&mut self, column: usize, ordinal: i64, length: i64) {
        let most = self.most();
        if let (true, Some(column)) = (length > self.limit, self.columns.get_mut(column)) {
            column.count += 1;
            column.keep(ordinal, most);
        }
    }

    /// What `merge` adds to another's: lines of numbers; limit, rows and columns, then of each its count and ordinals.
    pub fn state(&self) -> String {
        let mut out = format!("long_text 1 {} {} {}\n", self.limit, self.rows, self.columns.len());
        for column in &self.columns {
            let ordinals: String = column.ordinals.iter().map(|ordinal| format!(" {}", ordinal)).collect();
            out += &format!("{}{}\n", column.count, ordinals);
        }
        out
    }

    /// `None` for text that is not the state of as many columns and the same limit; then nothing was changed.
    pub fn merge(&mut self, state: &str) -> Option<()> {
        let mut lines = state.strip_suffix('\n')?.split('\n');
        let head: Vec<&str> = lines.next()?.split(' ').collect();
        let rows: u64 = match head[..] {
            ["long_text", "1", limit, rows, columns]
                if limit.parse() == Ok(self.limit) && columns.parse() == Ok(self.columns.len()) =>
            {
                rows.parse().ok()?
            }
            _ => return None,
        };
        let (mut added, most) = (Vec::new(), self.most());
        for line in lines {
            let mut numbers = line.split(' ');
            let count: u64 = numbers.next()?.parse().ok()?;
            let ordinals: Vec<i64> = numbers.map(|number| number.parse().ok()).collect::<Option<_>>()?;
            let is_ordered = ordinals.windows(2).all(|pair| pair[0] < pair[1]) && ordinals.first() >= Some(&0);
            let fits = ordinals.len() as u64 == count.min(most as u64) && count <= rows;
            if !fits || (!ordinals.is_empty() && !is_ordered) {
                return None;
            }
            added.push(Column { count, ordinals });
        }
        let total = self.rows.checked_add(rows)?;
        if added.len() != self.columns.len() {
            return None;
        }
        self.rows = total;
        for (column, more) in self.columns.iter_mut().zip(added) {
            column.count += more.count;
            more.ordinals.into_iter().for_each(|ordinal| column.keep(ordinal, most));
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row r of column c has r % 7 + c scalars; the limit is 5.
    fn counted(rows: impl Iterator<Item = i64>) -> LongText {
        let mut found = LongText::new(5, 2);
        for row in rows {
            for column in 0..2 {
                found.add(column, row, row % 7 + column as i64);
            }
            found.rows += 1;
        }
        found
    }

    #[test]
    fn rows_above_the_limit_are_counted_and_the_first_hundred_named() {
        let mut found = counted(0..1000);
        assert_eq!((found.rows, found.columns[0].count, found.columns[1].count), (1000, 142, 285));
        assert_eq!((found.columns[0].ordinals[0], found.columns[0].ordinals[99]), (6, 699));
        assert_eq!(found.columns[0].ordinals.len(), MOST_ORDINALS);
        let before = found.clone();
        found.add(2, 0, 99);
        assert_eq!(found, before, "a column that there is not is left alone");
    }

    #[test]
    fn the_more_columns_the_fewer_rows_of_each_are_named() {
        let mut found = LongText::new(5, 400);
        (0..1000).for_each(|row| found.add(0, row, row % 7));
        assert_eq!((found.columns[0].count, found.columns[0].ordinals.len()), (142, 50));
        assert_eq!(found.columns[0].ordinals[49], 349);
    }

    #[test]
    fn parts_together_are_the_whole_in_any_order() {
        let mut merged = LongText::new(5, 2);
        for part in [2, 0, 1] {
            let state = counted((part..1000).step_by(3)).state();
            assert_eq!(merged.merge(&state), Some(()));
        }
        assert_eq!(merged, counted(0..1000));
    }

    #[test]
    fn a_damaged_state_is_refused_and_changes_nothing() {
        let whole = counted(0..1000);
        let (state, mut merged) = (whole.state(), whole.clone());
        for size in 0..state.len() {
            assert_eq!(merged.merge(&state[..size]), None, "{}", size);
        }
        for (from, to) in [("142 ", "143 "), (" 6 ", " 7 "), ("long_text 1", "long_text 2"), (" 1000 ", " -1 ")] {
            assert_eq!(merged.merge(&state.replacen(from, to, 1)).is_some(), from == "142 " || from == " 6 ");
            merged = whole.clone();
        }
        assert_eq!(LongText::new(5, 3).merge(&state), None);
        assert_eq!(LongText::new(6, 2).merge(&state), None);
        assert_eq!(merged.merge("\u{0}"), None);
        assert_eq!(merged, whole);
    }
}
