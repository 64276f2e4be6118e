/// Scalars that no set of a pattern tells apart, as classes numbered from 0.
struct RegexAlphabet {
    /// The first scalar of each range, in order, and its class; the first begins at 0.
    private(set) var starts: [UInt32] = []
    private(set) var classes: [UInt8] = []
    /// Classes of each set, in order.
    private(set) var members: [[Int]]
    private(set) var count = 0

    init(_ sets: [ScalarSet]) {
        var borders: Set<UInt32> = [0, 0x80]
        for range in sets.flatMap(\.ranges) {
            borders.insert(range.lowerBound)
            if range.upperBound < ScalarSet.last { borders.insert(range.upperBound + 1) }
        }
        members = sets.map { _ in [] }
        // A pattern of 256 bytes has fewer than 256 kinds of members.
        var known: [[Int]: Int] = [:]
        for border in borders.sorted() {
            let holders = sets.indices.filter { sets[$0].contains(border) }
            let place = known[holders] ?? count
            if place == count {
                known[holders] = place
                count += 1
                for holder in holders { members[holder].append(place) }
            }
            if classes.last == UInt8(place), border != 0x80 { continue }
            starts.append(border)
            classes.append(UInt8(place))
        }
    }

    /// Every scalar from U+0080 on is of one class.
    var isPlain: Bool { starts.last.map { $0 <= 0x80 } ?? true }

    /// The class of a scalar.
    func classOf(_ scalar: UInt32) -> UInt8 {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= scalar { low = middle } else { high = middle }
        }
        return classes[low]
    }

    /// A scalar of a class that can be shown.
    func example(_ place: Int) -> UInt32 {
        var best: UInt32?
        for (number, start) in starts.enumerated() where Int(classes[number]) == place {
            let end = number + 1 < starts.count ? starts[number + 1] - 1 : ScalarSet.last
            for wanted: ClosedRange<UInt32> in [0x30...0x39, 0x61...0x7A, 0x21...0x7E]
            where start <= wanted.upperBound && end >= wanted.lowerBound {
                return max(start, wanted.lowerBound)
            }
            if best == nil { best = start }
        }
        return best ?? 0
    }
}
