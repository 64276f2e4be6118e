/// Similarity of short names by shared characters in nearly the same place.
///
/// Units are Unicode scalars; the result is in 0…1, 1 for equal texts (two empty ones too), and the same whichever
/// text comes first.
public enum JaroWinkler {
    /// Jaro's similarity (Jaro 1989): MARTHA and MARHTA give 0.944.
    public static func jaro(_ a: String, _ b: String) -> Double {
        jaro(EditDistance.scalars(of: a), EditDistance.scalars(of: b))
    }

    /// Jaro's similarity raised by a common prefix (Winkler 1990): MARTHA and MARHTA give 0.961.
    ///
    /// - Parameters:
    ///   - prefixScale: what each of up to four equal leading scalars adds of the missing rest; 0…0.25.
    ///   - boostThreshold: a Jaro similarity up to this one is not raised, as in Winkler's own program.
    public static func similarity(
        _ a: String, _ b: String, prefixScale: Double = 0.1, boostThreshold: Double = 0.7
    ) -> Double {
        similarity(
            EditDistance.scalars(of: a), EditDistance.scalars(of: b), prefixScale: prefixScale,
            boostThreshold: boostThreshold)
    }

    static func similarity(
        _ a: [UInt32], _ b: [UInt32], prefixScale: Double = 0.1, boostThreshold: Double = 0.7
    ) -> Double {
        let jaro = jaro(a, b)
        if jaro <= boostThreshold { return jaro }
        let prefix = zip(a, b).prefix(4).prefix { $0 == $1 }.count
        return jaro + Double(prefix) * min(max(prefixScale, 0), 0.25) * (1 - jaro)
    }

    static func jaro(_ a: [UInt32], _ b: [UInt32]) -> Double {
        if a == b { return 1 }
        if a.isEmpty || b.isEmpty { return 0 }
        // Matches are taken greedily, so the order of the texts can matter: fix it.
        let isOrdered = a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
        let (short, long) = isOrdered ? (a, b) : (b, a)
        let window = max(0, long.count / 2 - 1)
        var isTaken = [Bool](repeating: false, count: long.count)
        var matched: [UInt32] = []
        for (position, unit) in short.enumerated() {
            let first = max(0, position - window)
            let end = min(long.count, position + window + 1)
            if first >= end { break }
            for other in first..<end where !isTaken[other] && long[other] == unit {
                isTaken[other] = true
                matched.append(unit)
                break
            }
        }
        if matched.isEmpty { return 0 }
        var next = 0
        var outOfPlace = 0
        for other in long.indices where isTaken[other] {
            if long[other] != matched[next] { outOfPlace += 1 }
            next += 1
        }
        let matches = Double(matched.count)
        let transpositions = Double(outOfPlace / 2)
        return (matches / Double(short.count) + matches / Double(long.count) + (matches - transpositions) / matches) / 3
    }
}
