/// Identifiers in emitted text: quoted here and nowhere else.
public enum SQLName {
    /// The name between two quotes, quotes within it twice. Any text without U+0000 is a name so.
    public static func quoted(_ name: String, quote: Unicode.Scalar = "\"") -> String {
        between(name, quote: quote)
    }

    /// Scalar by scalar: a quote before a combining mark is one `Character` with it, and a quote all the same.
    static func between(_ text: String, quote: Unicode.Scalar, also doubled: Unicode.Scalar? = nil) -> String {
        var out = String.UnicodeScalarView()
        out.append(quote)
        for scalar in text.unicodeScalars {
            out.append(scalar)
            if scalar == quote || scalar == doubled { out.append(scalar) }
        }
        out.append(quote)
        return String(out)
    }

    /// The letters A–Z small: what engines compare names by that do not mind the case of ASCII letters.
    static func asciiFolded(_ name: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            let isUpper = scalar.value >= 0x41 && scalar.value <= 0x5A
            out.append(isUpper ? Unicode.Scalar(UInt8(scalar.value + 32)) : scalar)
        }
        return String(out)
    }
}
