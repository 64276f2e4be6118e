// Normal forms are the standard library's own, behind `==` of strings; it offers them to its sister libraries alone. Its
// tables spare us Foundation, whose loading costs more than all else here, and tables of our own.
@_spi(_Unicode) internal import Swift

/// What two texts have in common however they are written.
enum NormalText {
    /// Above this a text is not normalised: marks without end behind one letter would take long to sort.
    static let longest = 4096

    /// Whether a text is in normal form C already: it has no scalar from U+0300 on, whose first byte is 0xCC.
    static func isComposed(_ text: UnsafeRawBufferPointer) -> Bool { text.allSatisfy { $0 < 0xCC } }

    /// Normal form C (Unicode TR 15): texts that look alike because they are the same are the same bytes.
    static func composed(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        guard !isComposed(text), text.count <= longest else { return Array(text) }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: String(decoding: text, as: UTF8.self)._nfc)
        return Array(String(view).utf8)
    }

    /// The scalars of a text that likeness is measured by: lower case, without accents, full-width forms as plain ones,
    /// one blank for any number of them, none around it; at most `limit`.
    ///
    /// Near to NFKC with case folding: of compatibility forms the full-width ones and Latin ligatures are replaced.
    static func folded(_ text: UnsafeRawBufferPointer, limit: Int) -> [UInt32] {
        // Enough for what is kept: no scalar has more than four bytes, and few are dropped.
        let bytes = text.prefix(longest)
        var out: [UInt32] = []
        out.reserveCapacity(min(limit, bytes.count) + 1)
        var isBlank = false
        func add(_ scalar: UInt32) {
            if isBlank, !out.isEmpty { out.append(0x20) }
            isBlank = false
            out.append(scalar)
        }
        if bytes.allSatisfy({ $0 < 0x80 }) {
            for byte in bytes where out.count < limit {
                if byte <= 0x20 || byte == 0x7F {
                    isBlank = true
                } else {
                    add(UInt32(byte &- 0x41 < 26 ? byte | 0x20 : byte))
                }
            }
        } else {
            // A scalar that the cut went through becomes U+FFFD and is dropped, for the same text always.
            for scalar in String(decoding: bytes, as: UTF8.self)._nfd where out.count < limit {
                switch scalar.value {
                case 0xFF01...0xFF5E: add(lower(scalar.value - 0xFEE0))
                case 0xFB00: [0x66, 0x66].forEach(add)
                case 0xFB01: [0x66, 0x69].forEach(add)
                case 0xFB02: [0x66, 0x6C].forEach(add)
                case 0xFFFD: continue
                default:
                    let properties = scalar.properties
                    if properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F {
                        isBlank = true
                        continue
                    }
                    switch properties.generalCategory {
                    case .nonspacingMark, .enclosingMark, .format, .control: continue
                    default: break
                    }
                    if scalar.value < 0x80 {
                        add(lower(scalar.value))
                    } else {
                        for mapped in properties.lowercaseMapping.unicodeScalars { add(mapped.value) }
                    }
                }
            }
        }
        return out.count > limit ? Array(out.prefix(limit)) : out
    }

    private static func lower(_ value: UInt32) -> UInt32 { value &- 0x41 < 26 ? value | 0x20 : value }
}
