// Links libm, which the compiler calls for square roots and rounding.
import Glibc

/// The one-to-one pairing of rows and columns with the largest sum of scores.
///
/// Solved by shortest augmenting paths with potentials (Jonker and Volgenant 1987) in the cube of the longer side.
/// Scores are rounded to 2⁻⁴⁸ of the largest one, so that sums are exact and the same on every machine.
///
/// Of several pairings with that sum the one is taken that gives row 0 the lowest column, then row 1, and so on;
/// to be paired comes before to be left out. Sums are equal here when they may differ by the rounding alone, which
/// for a side of n costs at most n² · 2⁻⁴⁸ of the largest score: 4 · 10⁻⁹ for a thousand columns.
/// - Parameters:
///   - scores: one array a row; a shorter row lacks the columns behind its end. Any shape, also empty.
///   - minimum: pairs with a lower score are never formed, nor are those whose score is negative or not finite.
/// - Returns: (row, column) pairs, ascending by row; rows and columns without a partner are absent.
public func assign(scores: [[Double]], minimum: Double) -> [(Int, Int)] {
    var solver = AssignmentSolver(scores: scores, minimum: minimum)
    solver.solve()
    solver.takeLowestTie()
    return solver.pairs
}

private struct AssignmentSolver {
    private let rows: Int
    private let columns: Int
    /// The side of the square that rows and columns are filled up to.
    private let side: Int
    /// Row-major, `side` × `side`: the rounded score of an allowed pair, or -1.
    private var gains: [Int64]
    private let largest: Int64
    private var rowPotential: [Int64]
    private var columnPotential: [Int64]
    private var columnOfRow: [Int]
    private var rowOfColumn: [Int]

    private static let nobody = -1

    init(scores: [[Double]], minimum: Double) {
        rows = scores.count
        columns = scores.reduce(0) { max($0, $1.count) }
        side = max(rows, columns)
        gains = [Int64](repeating: -1, count: side * side)
        func isAllowed(_ score: Double) -> Bool { score.isFinite && score >= 0 && score >= minimum }
        let top = scores.joined().reduce(0) { isAllowed($1) ? max($0, $1) : $0 }
        // A potential is below `side` times the largest gain: for huge sides fewer bits, so that none overflows.
        let one = Double(1 << min(48, side.leadingZeroBitCount - 3))
        for (row, line) in scores.enumerated() {
            for (column, score) in line.enumerated() where isAllowed(score) {
                // The quotient is in 0…1, so the product fits.
                gains[row * side + column] = top == 0 ? 0 : Int64((score / top * one).rounded())
            }
        }
        largest = gains.reduce(0, max)
        rowPotential = [Int64](repeating: 0, count: side)
        columnPotential = [Int64](repeating: 0, count: side)
        columnOfRow = [Int](repeating: Self.nobody, count: side)
        rowOfColumn = [Int](repeating: Self.nobody, count: side)
    }

    var pairs: [(Int, Int)] {
        (0..<rows).compactMap { row in
            let column = columnOfRow[row]
            return isAllowed(row, column) ? (row, column) : nil
        }
    }

    private func isAllowed(_ row: Int, _ column: Int) -> Bool { gains[row * side + column] >= 0 }

    /// The cost over the potentials: never negative, 0 on the edges of every best pairing.
    private func slack(_ row: Int, _ column: Int) -> Int64 {
        largest - max(0, gains[row * side + column]) - rowPotential[row] - columnPotential[column]
    }

    /// Whether the edge is in some best pairing, or would be but for rounding: a cycle of 2n scores that are each
    /// rounded by at most a half has slacks that add up to at most n.
    private func isTight(_ row: Int, _ column: Int) -> Bool { slack(row, column) <= Int64(side) }

    /// Finds a perfect pairing of least cost; a forbidden pair in it stands for two that are left out.
    mutating func solve() {
        for row in 0..<side { augment(from: row) }
    }

    /// Dijkstra over slacks from a free row to the nearest free column, then a shift along the path.
    private mutating func augment(from start: Int) {
        var distance = [Int64](repeating: .max, count: side)
        var previous = [Int](repeating: Self.nobody, count: side)
        var isDone = [Bool](repeating: false, count: side)
        var row = start
        var reached: Int64 = 0
        var end = Self.nobody
        while end == Self.nobody {
            var nearest = Self.nobody
            for column in 0..<side where !isDone[column] {
                let candidate = reached + slack(row, column)
                if candidate < distance[column] {
                    distance[column] = candidate
                    previous[column] = row
                }
                if nearest == Self.nobody || distance[column] < distance[nearest] { nearest = column }
            }
            // There is one: the square has as many columns as rows, and `start` is still free.
            reached = distance[nearest]
            isDone[nearest] = true
            if rowOfColumn[nearest] == Self.nobody { end = nearest } else { row = rowOfColumn[nearest] }
        }
        rowPotential[start] += reached
        for column in 0..<side where isDone[column] && column != end {
            rowPotential[rowOfColumn[column]] += reached - distance[column]
            columnPotential[column] -= reached - distance[column]
        }
        var column = end
        while column != Self.nobody {
            let row = previous[column]
            let freed = columnOfRow[row]
            rowOfColumn[column] = row
            columnOfRow[row] = column
            column = row == start ? Self.nobody : freed
        }
    }

    private enum Choice { case open, paired, leftOut }

    /// Moves along tight edges to the pairing that is lowest in row order; all of them cost the same but for rounding.
    mutating func takeLowestTie() {
        var choices = [Choice](repeating: .open, count: side)
        for row in 0..<rows {
            let held = columnOfRow[row]
            let end = isAllowed(row, held) ? held : columns
            choices[row] = isAllowed(row, held) ? .paired : .leftOut
            let lower = (0..<end).filter { isAllowed(row, $0) && isTight(row, $0) }
            if lower.isEmpty { continue }
            let steps = exchanges(freeing: held, for: row, choices)
            if let lowest = lower.first(where: { steps[$0] != Self.nobody }) {
                take(lowest, for: row, steps)
                choices[row] = .paired
            }
        }
    }

    /// For each column the column that its row would move to, so that in the end `column` is taken; -1 for none.
    /// Rows that were paired before stay where they are, and rows that were left out stay left out.
    private func exchanges(freeing column: Int, for row: Int, _ choices: [Choice]) -> [Int] {
        var steps = [Int](repeating: Self.nobody, count: side)
        var frontier = [column]
        while let target = frontier.popLast() {
            for other in 0..<side where other != row && choices[other] != .paired && isTight(other, target) {
                let held = columnOfRow[other]
                if held == column || held == target || steps[held] != Self.nobody { continue }
                if choices[other] == .leftOut && isAllowed(other, target) { continue }
                steps[held] = target
                frontier.append(held)
            }
        }
        return steps
    }

    private mutating func take(_ column: Int, for row: Int, _ steps: [Int]) {
        let end = columnOfRow[row]
        var mover = row
        var wanted = column
        while true {
            let next = rowOfColumn[wanted]
            columnOfRow[mover] = wanted
            rowOfColumn[wanted] = mover
            if wanted == end { return }
            mover = next
            wanted = steps[wanted]
        }
    }
}
