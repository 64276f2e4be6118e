internal import Foundations

/// Choices that a seed makes: the same seed, the same choices, on every machine (SplitMix64, Steele and others 2014).
struct Seeded {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 up to, and without, `end`; 0 when there is nothing below it.
    mutating func below(_ end: Int) -> Int { end > 1 ? Int(next() % UInt64(end)) : 0 }

    /// So many different numbers below `end`, ascending; all of them when there are no more.
    mutating func places(_ count: Int, below end: Int) -> [Int] {
        guard end > 0 else { return [] }
        guard end > count * 2 else { return Array(shuffled(Array(0..<end)).prefix(count)).sorted() }
        var found: Set<Int> = []
        while found.count < count { found.insert(below(end)) }
        return found.sorted()
    }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var out = elements
        guard out.count > 1 else { return out }
        for place in stride(from: out.count - 1, to: 0, by: -1) { out.swapAt(place, below(place + 1)) }
        return out
    }

    /// A word of so many lower-case letters: nothing that redaction of long numbers or addresses would hide.
    mutating func word(_ letters: Int) -> String {
        String(decoding: (0..<letters).map { _ in UInt8(ascii: "a") + UInt8(below(26)) }, as: UTF8.self)
    }
}

extension ConformanceCheck {
    /// The seed of one check, so that it makes the same choices alone as among all.
    func seed(of base: UInt64) -> UInt64 {
        let digest = SHA256.hash("sluice/conformance/1/\(base)/\(id)").bytes
        return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
