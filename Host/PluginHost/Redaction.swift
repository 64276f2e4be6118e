/// Makes text that foreign code wrote fit to be shown: short, on one line, without long numbers or addresses.
///
/// A plugin must put no value of a cell into a message; this is the net below that rule, not the rule.
public enum Redaction {
    /// A message: at most `limit` bytes of UTF-8.
    public static func line(_ text: String, limit: Int = 1024) -> String {
        var out = ""
        var size = 0
        var digits = 0
        for word in text.split(whereSeparator: isBreak) {
            var cleaned = ""
            digits = 0
            for scalar in word.unicodeScalars where !isControl(scalar) {
                digits = (48...57).contains(scalar.value) ? digits + 1 : 0
                // A number of six digits and more may be a value; a line number or an errno is shorter.
                if digits < 6 {
                    cleaned.unicodeScalars.append(scalar)
                } else if digits == 6 {
                    cleaned = hidden(cleaned)
                }
            }
            if isAddress(cleaned) { cleaned = "[address]" }
            guard !cleaned.isEmpty else { continue }
            let piece = out.isEmpty ? cleaned : " " + cleaned
            // Three bytes stay free for the mark of a cut.
            guard size + piece.utf8.count + 3 <= limit else {
                for scalar in piece.unicodeScalars {
                    let width = UTF8.width(scalar)
                    guard size + width + 3 <= limit else { break }
                    out.unicodeScalars.append(scalar)
                    size += width
                }
                return out + "…"
            }
            out += piece
            size += piece.utf8.count
        }
        return out
    }

    /// The end of a standard error stream: bytes of any kind in, at most 2,000 bytes out.
    ///
    /// What is cut off is the beginning, up to a whole word: the rest of a number must not pass for a short one.
    static func tail(_ bytes: [UInt8]) -> String {
        let limit = 2000
        var text = String(decoding: bytes, as: UTF8.self)[...]
        if bytes.count >= RunnerChild.tailLimit { text = text.drop { !$0.isWhitespace } }
        let whole = line(String(text), limit: .max)
        guard whole.utf8.count > limit else { return whole }
        let end = String(decoding: whole.utf8.suffix(limit - 3), as: UTF8.self)
        guard let word = end.firstIndex(of: " ") else { return "…" }
        return "…" + end[word...]
    }

    private static func hidden(_ text: String) -> String { String(text.unicodeScalars.dropLast(5)) + "#" }

    private static func isBreak(_ character: Character) -> Bool { character.isWhitespace || character.isNewline }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters hide text or turn its direction in a terminal.
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
        default: false
        }
    }

    private static func isAddress(_ word: String) -> Bool {
        guard let at = word.firstIndex(of: "@"), at != word.startIndex else { return false }
        return word[at...].contains(".")
    }
}
