import Similarity
import Testing

@Suite struct `One-to-one assignment` {
    /// Tries every pairing: the best sum, and of those with it the lowest in row order.
    private func bruteForce(_ scores: [[Double]], minimum: Double) -> (sum: Double, pairs: [[Int]]) {
        let columns = scores.map(\.count).max() ?? 0
        var best = -1.0
        var bestChoice: [Int] = []
        func visit(_ row: Int, _ choice: [Int], _ sum: Double) {
            if row == scores.count {
                // A row left out counts as column `columns`: behind all others. Choices are visited in that order.
                if sum > best + 1e-9 { (best, bestChoice) = (sum, choice) }
                return
            }
            for column in 0..<columns where column < scores[row].count && !choice.contains(column) {
                let score = scores[row][column]
                if score >= minimum && score >= 0 { visit(row + 1, choice + [column], sum + score) }
            }
            visit(row + 1, choice + [columns], sum)
        }
        visit(0, [], 0)
        let pairs = bestChoice.enumerated().filter { $0.element < columns }.map { [$0.offset, $0.element] }
        return (best, pairs)
    }

    @Test(arguments: 0..<6)
    func `finds the best sum and its lowest tie, as trying all does`(_ block: Int) {
        for seed in (block * 150)..<((block + 1) * 150) {
            var random = SplitMix64(state: UInt64(seed))
            let (rows, columns) = (Int.random(in: 0...5, using: &random), Int.random(in: 0...5, using: &random))
            // Few different scores make many ties.
            let steps = [3, 1, 1_000_000][seed % 3]
            let scores = (0..<rows).map { _ in
                (0..<columns).map { _ in Double(Int.random(in: 0...steps, using: &random)) / Double(steps) }
            }
            let minimum = [0, 0.3, 0.7, 1][Int.random(in: 0...3, using: &random)]
            let expected = bruteForce(scores, minimum: minimum)
            let found = assign(scores: scores, minimum: minimum)
            let sum = found.reduce(0) { $0 + scores[$1.0][$1.1] }
            #expect(isClose(sum, expected.sum, within: 1e-9), "seed \(seed): \(scores) minimum \(minimum)")
            #expect(found.map { [$0.0, $0.1] } == expected.pairs, "seed \(seed): \(scores) minimum \(minimum)")
        }
    }

    @Test func `takes less for one row when both gain`() {
        let found = assign(scores: [[0.9, 0.8], [0.85, 0.1]], minimum: 0)
        #expect(found.map { [$0.0, $0.1] } == [[0, 1], [1, 0]])
    }

    @Test func `forms no pair below the minimum, negative or not a number`() {
        #expect(assign(scores: [[0.4]], minimum: 0.5).isEmpty)
        #expect(assign(scores: [[.nan, .infinity, -1]], minimum: -2).isEmpty)
        #expect(assign(scores: [], minimum: 0).isEmpty)
        #expect(assign(scores: [[], []], minimum: 0).isEmpty)
        #expect(assign(scores: [[], [0.5]], minimum: 0).map { [$0.0, $0.1] } == [[1, 0]])
    }

    @Test func `Equal scores pair in order`() {
        let found = assign(scores: Array(repeating: Array(repeating: 0.5, count: 7), count: 4), minimum: 0.1)
        #expect(found.map { [$0.0, $0.1] } == [[0, 0], [1, 1], [2, 2], [3, 3]])
    }
}
