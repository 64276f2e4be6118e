import Similarity
import Testing

/// Pseudo-random numbers that are the same in every run.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

func isClose(_ a: Double, _ b: Double, within tolerance: Double) -> Bool { abs(a - b) <= tolerance }

@Suite struct `Jaro and Jaro–Winkler` {
    @Test(
        arguments: [
            ("MARTHA", "MARHTA", 0.944, 0.961), ("DIXON", "DICKSONX", 0.767, 0.813), ("DWAYNE", "DUANE", 0.822, 0.840),
            ("CRATE", "TRACE", 0.733, 0.733), ("JELLYFISH", "SMELLYFISH", 0.896, 0.896), ("ABC", "XYZ", 0, 0),
            ("", "", 1, 1), ("", "A", 0, 0), ("名前", "名前", 1, 1),
        ] as [(String, String, Double, Double)])
    func `give the published values`(_ a: String, _ b: String, _ jaro: Double, _ winkler: Double) {
        #expect(isClose(JaroWinkler.jaro(a, b), jaro, within: 0.0006))
        #expect(isClose(JaroWinkler.similarity(a, b), winkler, within: 0.0006))
    }

    @Test func `do not depend on the order of the texts and stay in 0…1`() {
        var random = SplitMix64(state: 1)
        for _ in 0..<5000 {
            let (a, b) = (word(&random), word(&random))
            #expect(JaroWinkler.similarity(a, b) == JaroWinkler.similarity(b, a), "\(a) \(b)")
            #expect((0...1).contains(JaroWinkler.similarity(a, b)), "\(a) \(b)")
        }
    }
}

func word(_ random: inout SplitMix64) -> String {
    String((0..<Int.random(in: 0...8, using: &random)).map { _ in "abcé".randomElement(using: &random) ?? "a" })
}

@Suite struct `Edit distances` {
    @Test(
        arguments: [
            ("kitten", "sitting", 3, 3), ("CA", "ABC", 3, 2), ("ab", "ba", 2, 1), ("", "", 0, 0), ("", "abc", 3, 3),
            ("saturday", "sunday", 3, 3), ("a cat", "an abct", 4, 3), ("größe", "grosse", 3, 3),
            ("abcdef", "abcdef", 0, 0),
        ])
    func `give the published values`(_ a: String, _ b: String, _ levenshtein: Int, _ damerau: Int) {
        #expect(EditDistance.levenshtein(a, b) == levenshtein)
        #expect(EditDistance.damerauLevenshtein(a, b) == damerau)
        #expect(EditDistance.levenshtein(b, a) == levenshtein)
        #expect(EditDistance.damerauLevenshtein(b, a) == damerau)
    }

    @Test func `The ratio is the share of the longer text that stays`() {
        #expect(isClose(EditDistance.levenshteinRatio("kitten", "sitting"), 1 - 3.0 / 7, within: 1e-12))
        #expect(EditDistance.levenshteinRatio("", "") == 1)
        #expect(EditDistance.levenshteinRatio("", "a") == 0)
    }

    @Test func `The unrestricted distance is a metric`() {
        var random = SplitMix64(state: 2)
        for _ in 0..<3000 {
            let (a, b, c) = (word(&random), word(&random), word(&random))
            let direct = EditDistance.damerauLevenshtein(a, c)
            let around = EditDistance.damerauLevenshtein(a, b) + EditDistance.damerauLevenshtein(b, c)
            #expect(direct <= around, "\(a) \(b) \(c)")
            #expect(direct <= EditDistance.levenshtein(a, c))
            #expect((direct == 0) == (a == c))
        }
    }
}

@Suite struct `Q-grams` {
    @Test func `night and nacht share one bigram of seven`() {
        let (night, nacht) = (
            QGramProfile("night", q: 2, isPadded: false), QGramProfile("nacht", q: 2, isPadded: false)
        )
        #expect(isClose(night.dice(nacht), 0.25, within: 1e-12))
        #expect(isClose(night.jaccard(nacht), 1.0 / 7, within: 1e-12))
    }

    @Test func `Padded 3-grams count the ends`() {
        // ##a #ab abc bc$ c$$ and ##a #ab abd bd$ d$$ share two.
        #expect(isClose(QGrams.dice("abc", "abd"), 4.0 / 10, within: 1e-12))
        #expect(isClose(QGrams.jaccard("abc", "abd"), 2.0 / 8, within: 1e-12))
        #expect(QGrams.dice("id", "id") == 1)
        #expect(QGrams.dice("", "") == 1)
        #expect(QGrams.dice("", "a") == 0)
    }

    @Test func `A gram counts as often as it occurs`() {
        let (a, b) = (QGramProfile("aaaa", q: 2, isPadded: false), QGramProfile("aa", q: 2, isPadded: false))
        #expect(isClose(a.dice(b), 2.0 / 4, within: 1e-12))
    }
}

@Suite struct `Cosine` {
    @Test func `is the angle's and 0 where none is defined`() {
        #expect(isClose(VectorSimilarity.cosine([1, 0], [1, 1]), 0.5.squareRoot(), within: 1e-7))
        #expect(isClose(VectorSimilarity.cosine([1, 2, 3], [-1, -2, -3]), -1, within: 1e-12))
        #expect(VectorSimilarity.cosine([0, 0], [1, 1]) == 0)
        #expect(VectorSimilarity.cosine([1], [1, 1]) == 0)
        #expect(VectorSimilarity.cosine([.nan], [1]) == 0)
        #expect(VectorSimilarity.cosine([], []) == 0)
    }
}
