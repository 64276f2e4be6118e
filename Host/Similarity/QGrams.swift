/// A text's overlapping runs of q Unicode scalars, each as often as it occurs, ready to be compared many times.
public struct QGramProfile: Sendable, Hashable {
    /// Grams packed 21 bits a scalar, ascending, doubles kept.
    private let grams: [UInt64]

    /// Above every Unicode scalar, so that padding equals no text.
    private static let padding: UInt64 = 0x1F_FFFF

    /// Cuts a text into grams.
    ///
    /// - Parameters:
    ///   - q: the length of a gram, 1…3; other values are brought into that range.
    ///   - isPadded: whether q − 1 marks stand before and behind the text, so that its ends weigh as much as its
    ///     middle and a text shorter than q still has grams (Ukkonen 1992). An empty text has none.
    public init(_ text: String, q: Int = 3, isPadded: Bool = true) {
        let q = min(max(q, 1), 3)
        var units = text.unicodeScalars.map { UInt64($0.value) }
        if isPadded && !units.isEmpty {
            let marks = [UInt64](repeating: Self.padding, count: q - 1)
            units = marks + units + marks
        }
        var grams: [UInt64] = []
        if units.count >= q {
            grams.reserveCapacity(units.count - q + 1)
            for start in 0...(units.count - q) {
                grams.append(units[start..<(start + q)].reduce(0) { $0 << 21 | $1 })
            }
        }
        self.grams = grams.sorted()
    }

    /// Twice the shared grams ÷ all grams of both (Dice 1945); 1 when neither has any.
    public func dice(_ other: QGramProfile) -> Double {
        let total = grams.count + other.grams.count
        return total == 0 ? 1 : 2 * Double(shared(with: other)) / Double(total)
    }

    /// Shared grams ÷ grams of either (Jaccard 1901); 1 when neither has any.
    public func jaccard(_ other: QGramProfile) -> Double {
        let shared = shared(with: other)
        let union = grams.count + other.grams.count - shared
        return union == 0 ? 1 : Double(shared) / Double(union)
    }

    private func shared(with other: QGramProfile) -> Int {
        var (left, right, shared) = (0, 0, 0)
        while left < grams.count && right < other.grams.count {
            if grams[left] == other.grams[right] {
                shared += 1
                left += 1
                right += 1
            } else if grams[left] < other.grams[right] {
                left += 1
            } else {
                right += 1
            }
        }
        return shared
    }
}

/// Similarity by shared runs of characters, for two texts that are compared once.
public enum QGrams {
    /// Dice's coefficient of the padded q-grams, in 0…1.
    public static func dice(_ a: String, _ b: String, q: Int = 3) -> Double {
        QGramProfile(a, q: q).dice(QGramProfile(b, q: q))
    }

    /// Jaccard's coefficient of the padded q-grams, in 0…1.
    public static func jaccard(_ a: String, _ b: String, q: Int = 3) -> Double {
        QGramProfile(a, q: q).jaccard(QGramProfile(b, q: q))
    }
}
