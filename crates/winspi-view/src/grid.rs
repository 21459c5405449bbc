//! Columns of text: how wide each is, where cells are broken, and nothing about what stands in them.
//!
//! Written by hand because a report wants what crates for tables lack: rows that belong together, a margin for marks,
//! lines that hang inside a cell, and paint that does not count as width.

use crate::Look;
use crate::text::{Paint, pad, widest_piece, width, wrap};

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// How far the second and later lines of a cell stand in; `None` if the column is never made narrower.
    pub hang: Option<usize>,
    /// How wide it is at most, if it is flexible.
    pub most: usize,
    /// By how much it is narrower than others, where there is too little room: how well it bears being broken.
    pub gives: usize,
    /// Whether numbers in it stand to the right.
    pub right: bool,
    /// Whether a cell goes on beside the rows that follow, up to the next one that begins something.
    pub spills: bool,
}

impl Column {
    /// A column that keeps the width of its content.
    pub fn fixed(title: &str) -> Column {
        Column { title: title.to_owned(), hang: None, most: 0, gives: 0, right: false, spills: false }
    }

    /// The same for numbers.
    pub fn numbers(title: &str) -> Column {
        Column { title: title.to_owned(), hang: None, most: 0, gives: 0, right: true, spills: false }
    }

    /// A column whose cells are broken where there is no room.
    pub fn flexible(title: &str, hang: usize) -> Column {
        Column { title: title.to_owned(), hang: Some(hang), most: usize::MAX, gives: 0, right: false, spills: false }
    }

    /// The same with a limit.
    pub fn at_most(self, most: usize) -> Column {
        Column { most, ..self }
    }

    /// The same that gives way sooner.
    pub fn gives(self, gives: usize) -> Column {
        Column { gives, ..self }
    }

    /// A flexible column whose cells take the room beside the rows that follow.
    pub fn spilling(title: &str) -> Column {
        Column { title: title.to_owned(), hang: Some(0), most: usize::MAX, gives: 0, right: false, spills: true }
    }
}

/// What stands in one place: paragraphs, each with its paint.
#[derive(Clone, Debug, Default)]
pub struct Cell(pub Vec<(String, Paint)>);

impl Cell {
    /// A cell of one paragraph.
    pub fn of(text: impl Into<String>, paint: Paint) -> Cell {
        Cell(vec![(text.into(), paint)])
    }

    /// A cell of one plain paragraph.
    pub fn plain(text: impl Into<String>) -> Cell {
        Cell::of(text, Paint::Plain)
    }

    fn lines(&self, columns: usize, hang: usize) -> Lines {
        let filled = self.0.iter().filter(|(text, _)| !text.is_empty());
        filled.flat_map(|(text, paint)| wrap(text, columns, hang).into_iter().map(|l| (l, *paint))).collect()
    }
}

/// The lines of a cell.
type Lines = Vec<(String, Paint)>;

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whether an empty line sets it off from the row before.
    pub begins: bool,
    /// Whether the margin has a mark: something here did not hold.
    pub marked: bool,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// Rows in columns.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Between two columns.
const GAP: usize = 2;
/// The margin: a mark and a space.
const MARGIN: usize = 2;
/// What a column has at least, where the line is not wide enough for all.
const LEAST: usize = 8;
/// A longer piece counts as this long: it will be broken.
const LONGEST: usize = 32;

impl Grid {
    /// The grid as lines.
    pub fn render(&self, look: Look) -> String {
        let widths = self.widths(look.width);
        let whole = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1) + MARGIN;
        let titles = self.columns.iter().map(|c| vec![(c.title.clone(), Paint::Faint)]).collect();
        let mut out = String::new();
        self.lines("", titles, &widths, look, &mut out);
        out.push_str(&Paint::Faint.on(&"─".repeat(whole), look.colour));
        out.push('\n');
        // What is left of the cells that go on beside the rows that follow.
        let mut spill: Vec<Lines> = vec![Vec::new(); self.columns.len()];
        for row in &self.rows {
            let cells = self.columns.iter().zip(&widths).zip(&row.cells);
            let mut cells: Vec<Lines> = cells.map(|((c, w), cell)| cell.lines(*w, c.hang.unwrap_or(0))).collect();
            if row.begins {
                self.lines("", std::mem::take(&mut spill), &widths, look, &mut out);
                spill.resize(self.columns.len(), Vec::new());
                out.push('\n');
            }
            let own = self.columns.iter().zip(&cells).filter(|(c, _)| !c.spills).map(|(_, lines)| lines.len());
            let height = own.max().unwrap_or(0).max(1);
            for ((column, lines), rest) in self.columns.iter().zip(&mut cells).zip(&mut spill) {
                if column.spills {
                    rest.append(lines);
                    *lines = rest.drain(..height.min(rest.len())).collect();
                }
            }
            self.lines(if row.marked { "✗" } else { "" }, cells, &widths, look, &mut out);
        }
        self.lines("", spill, &widths, look, &mut out);
        out
    }

    /// Cells side by side.
    fn lines(&self, mark: &str, cells: Vec<Lines>, widths: &[usize], look: Look, out: &mut String) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mark = if line == 0 { mark } else { "" };
            // Spaces wait until something follows them: no line ends with one.
            let mut spaces = MARGIN - width(mark);
            out.push_str(&Paint::Bad.on(mark, look.colour));
            for ((column, columns), lines) in self.columns.iter().zip(widths).zip(&cells) {
                let (text, paint) = lines.get(line).map_or(("", Paint::Plain), |(text, paint)| (text.as_str(), *paint));
                if text.is_empty() {
                    spaces += columns + GAP;
                    continue;
                }
                let room = columns.saturating_sub(width(text));
                let (before, after) = if column.right { (room, 0) } else { (0, room) };
                out.push_str(&" ".repeat(spaces + before));
                out.push_str(&paint.on(text, look.colour));
                spaces = after + GAP;
            }
            out.push('\n');
        }
    }

    /// The width of each column: as wide as its content, and where that is too much the widest are made narrower.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let places = 0..self.columns.len();
        let texts = |place: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.cells.get(place));
            let title = self.columns.get(place).map(|c| c.title.as_str());
            cells.flat_map(|cell| cell.0.iter().map(|(text, _)| text.as_str())).chain(title)
        };
        let natural = |(place, column): (usize, &Column)| {
            let most = if column.hang.is_some() { column.most } else { usize::MAX };
            let lines = texts(place).flat_map(|text| wrap(text, most, column.hang.unwrap_or(0)));
            lines.map(|line| width(&line)).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(natural).collect();
        let room = columns.saturating_sub(MARGIN + GAP * widths.len().saturating_sub(1));
        let hang = |place: usize| self.columns.get(place).and_then(|c| c.hang);
        let piece = |place: usize| texts(place).map(widest_piece).max().unwrap_or(0);
        let pieces = places.clone().map(|p| (piece(p) + hang(p).unwrap_or(0)).min(LONGEST)).collect();
        // As long as nothing has to be broken that is better whole; then without regard to that.
        for least in [pieces, vec![LEAST; widths.len()]] {
            while widths.iter().sum::<usize>() > room {
                let able = places.clone().filter(|p| hang(*p).is_some() && widths[*p] > least[*p]);
                let weight = |p: &usize| widths[*p] + self.columns[*p].gives;
                let Some(widest) = able.max_by_key(weight) else { break };
                widths[widest] -= 1;
            }
        }
        widths
    }
}

/// A heading: what follows stands under it.
pub fn heading(text: &str, look: Look) -> String {
    format!("\n{}\n\n", Paint::Strong.on(text, look.colour))
}

/// Rows without titles, for lists: the columns but the last keep their width.
pub fn list(rows: &[Vec<String>], look: Look) -> String {
    let places = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..places).map(|p| rows.iter().filter_map(|r| r.get(p)).map(|t| width(t)).max().unwrap_or(0)).collect();
    let before = widths.iter().rev().skip(1).map(|w| w + GAP).sum::<usize>() + MARGIN;
    let mut out = String::new();
    for row in rows {
        let Some((last, first)) = row.split_last() else { continue };
        let mut start = " ".repeat(MARGIN);
        for (text, columns) in first.iter().zip(&widths) {
            start.push_str(&pad(text, columns + GAP));
        }
        for line in wrap(last, look.width.saturating_sub(before).max(LEAST * 3), 0) {
            out.push_str(format!("{}{line}", pad(&start, before)).trim_end());
            out.push('\n');
            start.clear();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Grid {
        let row = |begins, marked, cells: [&str; 3]| Row { begins, marked, cells: cells.map(Cell::plain).to_vec() };
        Grid {
            columns: vec![Column::numbers("line"), Column::flexible("call", 2).gives(9), Column::flexible("why", 0)],
            rows: vec![
                row(false, false, ["7", "WSPListen(l, 5)", ""]),
                row(true, true, ["12", "WSPSocket(AF_INET, SOCK_STREAM)", "WSPSocket.returns-descriptor"]),
            ],
        }
    }

    #[test]
    fn wide_enough_for_all() {
        let expected = "  line  call                             why
─────────────────────────────────────────────────────────────────────
     7  WSPListen(l, 5)

✗   12  WSPSocket(AF_INET, SOCK_STREAM)  WSPSocket.returns-descriptor
";
        assert_eq!(sample().render(Look::PLAIN), expected);
    }

    #[test]
    fn narrow_lines_break_calls_first() {
        let expected = "  line  call                 why
─────────────────────────────────────────────────────────
     7  WSPListen(l, 5)

✗   12  WSPSocket(AF_INET,   WSPSocket.returns-descriptor
          SOCK_STREAM)
";
        assert_eq!(sample().render(Look { width: 57, colour: false }), expected);
    }

    #[test]
    fn a_line_of_no_width_is_no_trouble() {
        assert!(sample().render(Look { width: 0, colour: true }).contains("WSPLis"));
    }

    #[test]
    fn lists_keep_their_columns() {
        let rows = vec![vec!["a".to_owned(), "one".to_owned()], vec!["long".to_owned(), "two words".to_owned()]];
        assert_eq!(list(&rows, Look::PLAIN), "  a     one\n  long  two words\n");
    }
}
