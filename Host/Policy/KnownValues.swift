/// Values that must not stand in a text, as a tree of their bytes: a place of a text is held against all of them at
/// once, in time that grows with what they have in common with it and not with how many they are.
struct KnownValues: Sendable {
    /// By node and next byte; the root is 0.
    private var edges: [UInt64: Int] = [:]
    /// The label of the value that ends at a node.
    private var labels: [Int: String] = [:]
    private var firsts = [Bool](repeating: false, count: 256)
    private var nodes = 1

    /// Values of fewer bytes would be found in half of all texts.
    private static let shortest = 3

    mutating func insert(_ value: [UInt8], label: String) {
        guard value.count >= Self.shortest else { return }
        firsts[Int(value[0])] = true
        var node = 0
        for byte in value {
            let edge = UInt64(node) << 8 | UInt64(byte)
            if let next = edges[edge] {
                node = next
            } else {
                edges[edge] = nodes
                node = nodes
                nodes += 1
            }
        }
        if labels[node] == nil { labels[node] = label }
    }

    /// Where they stand as whole words, the longest that begins at each place; matches may overlap.
    ///
    /// - Parameter bytes: UTF-8.
    func matches(in bytes: [UInt8]) -> [(range: Range<Int>, label: String)] {
        var found: [(range: Range<Int>, label: String)] = []
        guard !labels.isEmpty else { return found }
        for start in bytes.indices where firsts[Int(bytes[start])] && !Joint.goesOn(bytes, at: start) {
            var node = 0
            var best: (end: Int, label: String)?
            for at in start..<bytes.count {
                guard let next = edges[UInt64(node) << 8 | UInt64(bytes[at])] else { break }
                node = next
                if let label = labels[node], !Joint.goesOn(bytes, at: at + 1) { best = (at + 1, label) }
            }
            if let best { found.append((start..<best.end, best.label)) }
        }
        return found
    }
}

/// Whether a word goes on from one scalar to the next. Letters of scripts that are written without blanks, punctuation
/// and symbols end one, and so does a change from such a script as Arabic to Latin.
enum Joint {
    case none
    /// ASCII letters and digits, and letters that have a case.
    case cased
    /// Other letters of scripts that part words with blanks.
    case uncased

    static func of(_ scalar: Unicode.Scalar) -> Joint {
        if scalar.isASCII {
            return scalar.value &- 0x30 < 10 || (scalar.value | 0x20) &- 0x61 < 26 ? .cased : .none
        }
        let properties = scalar.properties
        if properties.isCased || properties.numericType == .decimal { return .cased }
        guard properties.isAlphabetic, !properties.isIdeographic else { return .none }
        switch scalar.value {
        // Thai, Lao, Burmese, Khmer; kana, Hangul and what goes with them.
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x3000...0x33FF, 0xA960...0xA97F,
            0xAC00...0xD7FF, 0xFF66...0xFFDC:
            return .none
        default: return .uncased
        }
    }

    /// Whether a place of a text is inside of a word, or of a scalar.
    static func goesOn(_ bytes: [UInt8], at place: Int) -> Bool {
        guard place > 0, place < bytes.count else { return false }
        if bytes[place] & 0xC0 == 0x80 { return true }
        var start = place - 1
        while start > 0, place - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        let left = kind(bytes, start)
        return left != .none && left == kind(bytes, place)
    }

    private static func kind(_ bytes: [UInt8], _ place: Int) -> Joint {
        if bytes[place] < 0x80 { return of(Unicode.Scalar(bytes[place])) }
        let end = min(bytes.count, place + 4)
        return String(decoding: bytes[place..<end], as: UTF8.self).unicodeScalars.first.map(of) ?? .none
    }
}
