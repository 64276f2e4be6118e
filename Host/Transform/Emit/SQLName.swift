/// Identifiers in emitted text: quoted here and nowhere else.
public enum SQLName {
    /// The name between two quotes, quotes within it twice. Any text without U+0000 is a name so.
    public static func quoted(_ name: String, quote: Character = "\"") -> String {
        var out = String(quote)
        for character in name.unicodeScalars {
            out.unicodeScalars.append(character)
            if String(character) == String(quote) { out.unicodeScalars.append(character) }
        }
        out.append(quote)
        return out
    }

    /// Letters A–Z small: what engines compare names by that do not mind the case of ASCII letters.
    static func asciiFolded(_ name: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            let isUpper = scalar.value >= 0x41 && scalar.value <= 0x5A
            out.append(isUpper ? Unicode.Scalar(UInt8(scalar.value + 32)) : scalar)
        }
        return String(out)
    }
}
