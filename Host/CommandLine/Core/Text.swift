/// Text for a terminal: what is interpolated as a `String` is escaped, so that no name can steer the terminal.
///
/// Literals are the program's own and pass as they are. Control characters, escape sequences, direction overrides and
/// line separators become `\u{1B}` or `\n` in letters. `width` counts the columns that are shown, without colour codes.
struct Text: Sendable, Equatable, ExpressibleByStringInterpolation {
    private(set) var raw: String
    private(set) var width: Int

    init(stringLiteral value: String) { self.init(verbatim: value) }
    init(stringInterpolation: StringInterpolation) { self = stringInterpolation.text }

    /// Text of the program itself.
    init(verbatim: String) {
        raw = verbatim
        width = Self.columns(verbatim)
    }

    /// Text from anywhere else.
    init(_ foreign: String) { self.init(verbatim: Self.escape(foreign)) }

    private init(raw: String, width: Int) {
        self.raw = raw
        self.width = width
    }

    var isEmpty: Bool { raw.isEmpty }

    struct StringInterpolation: StringInterpolationProtocol {
        var text = Text(raw: "", width: 0)
        init(literalCapacity: Int, interpolationCount: Int) {}
        mutating func appendLiteral(_ literal: String) { text += Text(verbatim: literal) }
        mutating func appendInterpolation(_ foreign: String) { text += Text(foreign) }
        mutating func appendInterpolation(_ own: Text) { text += own }
        mutating func appendInterpolation(_ number: some BinaryInteger) {
            text += Text(verbatim: Numbers.grouped(number))
        }
    }

    static func + (a: Text, b: Text) -> Text { Text(raw: a.raw + b.raw, width: a.width + b.width) }
    static func += (a: inout Text, b: Text) { a = a + b }

    /// Spaces in front or behind, up to a number of columns.
    func padded(to columns: Int, right: Bool = false) -> Text {
        let space = Text(verbatim: String(repeating: " ", count: max(0, columns - width)))
        return right ? space + self : self + space
    }

    /// Not more than so many columns; only for text without colour.
    func cut(to columns: Int) -> Text {
        guard width > columns else { return self }
        var kept = ""
        var used = 0
        for character in raw {
            let step = Self.columns(String(character))
            if used + step > columns - 1 { break }
            kept.append(character)
            used += step
        }
        return Text(verbatim: kept + "…")
    }

    static func joined(_ parts: [Text], _ separator: Text = ", ") -> Text {
        parts.enumerated().reduce("") { text, part in part.offset == 0 ? part.element : text + separator + part.element
        }
    }

    func painted(_ tone: Style.Tone, _ style: Style) -> Text {
        guard style.coloured, !raw.isEmpty else { return self }
        return Text(raw: "\u{1B}[\(tone.rawValue)m\(raw)\u{1B}[0m", width: width)
    }

    /// Control, format and line separators in letters; the joiners that scripts and emoji need stay.
    static func escape(_ foreign: String) -> String {
        if foreign.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return foreign }
        var out = ""
        for scalar in foreign.unicodeScalars {
            switch scalar {
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case "\u{200C}", "\u{200D}": out.unicodeScalars.append(scalar)
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator:
                    out += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
                default: out.unicodeScalars.append(scalar)
                }
            }
        }
        return out
    }

    /// Columns of a terminal: wide East Asian characters and emoji take two, combining marks none.
    static func columns(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x7F }) { return text.utf8.count }
        return text.reduce(0) { columns, character in
            guard let scalar = character.unicodeScalars.first else { return columns }
            return columns + (isWide(scalar.value) ? 2 : scalar.properties.generalCategory == .nonspacingMark ? 0 : 1)
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

/// Whether a stream takes colour.
struct Style: Sendable {
    /// Codes of ECMA-48's SGR.
    enum Tone: String, Sendable {
        case strong = "1", faint = "2", bad = "31", good = "32", warn = "33"

        /// Of a gate's decision or a run's state.
        static func of(_ word: String) -> Tone {
            switch word {
            case "accept", "done", "allowed", "allow", "installed", "verified", "trusted": .good
            case "hold", "held", "retry", "escalate", "stopped", "interrupted", "ready", "running", "created", "mask":
                .warn
            case "fix", "reject", "failed", "denied", "deny", "broken", "refused", "differs", "revoked": .bad
            default: .strong
            }
        }
    }

    let coloured: Bool
    static let plain = Style(coloured: false)
}

/// Rows in aligned columns, two spaces apart; the last column is not padded, and one that is empty is left out.
struct Table {
    let headings: [Text]
    /// The columns whose values stand at their right edge.
    let right: Set<Int>
    private(set) var rows: [[Text]] = []

    init(_ headings: [Text], right: Set<Int> = []) {
        self.headings = headings
        self.right = right
    }

    mutating func add(_ row: [Text]) { rows.append(row) }

    func lines(_ style: Style, indent: Int = 0) -> [Text] {
        let kept = headings.indices.filter { column in rows.contains { column < $0.count && !$0[column].isEmpty } }
        let right = Set(kept.indices.filter { self.right.contains(kept[$0]) })
        let cells = rows.map { row in kept.map { $0 < row.count ? row[$0] : "" } }
        let titles = kept.map { headings[$0].painted(.strong, style) }
        let all = (titles.allSatisfy(\.isEmpty) ? [] : [titles]) + cells
        var widths = [Int](repeating: 0, count: kept.count)
        for row in all {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.width)
            }
        }
        let margin = Text(verbatim: String(repeating: " ", count: indent))
        return all.map { row in
            let last = row.lastIndex { !$0.isEmpty } ?? 0
            let cells = row.prefix(last + 1).enumerated().map { column, cell in
                let isRight = right.contains(column)
                return column == last && !isRight ? cell : cell.padded(to: widths[column], right: isRight)
            }
            return margin + Text.joined(cells, "  ")
        }
    }
}

/// Numbers and durations as people read them.
enum Numbers {
    /// `1,234,567`.
    static func grouped(_ number: some BinaryInteger) -> String {
        let digits = Array(String(number.magnitude))
        var out = number < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place).isMultiple(of: 3) { out.append(",") }
            out.append(digit)
        }
        return out
    }

    /// With so many digits behind the point, at most 6; a number that is not finite or huge is its description.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return value.description }
        let scale = (0..<digits).reduce(Int64(1)) { product, _ in product * 10 }
        let scaled = Int64((abs(value) * Double(scale)).rounded())
        let whole = "\(value < 0 && scaled != 0 ? "-" : "")\(scaled / scale)"
        guard digits > 0 else { return whole }
        let fraction = String(scaled % scale)
        return whole + "." + String(repeating: "0", count: digits - fraction.utf8.count) + fraction
    }

    /// `0.12 s`, `42 s`, `3 min 05 s`, `2 h 03 min`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
        if seconds < 9.995 { return fixed(seconds, 2) + " s" }
        let whole = Int64(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        let (large, small) = whole < 3600 ? (whole / 60, whole % 60) : (whole / 3600, whole / 60 % 60)
        let padded = small < 10 ? "0\(small)" : "\(small)"
        return whole < 3600 ? "\(large) min \(padded) s" : "\(large) h \(padded) min"
    }
}
