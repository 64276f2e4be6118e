internal import Columnar
internal import Similarity

/// A full name that is to be put together from its parts.
struct NameComposition: Sendable, Equatable {
    let target: Int
    let first: Int
    let last: Int
    /// How sure it is that these are the parts and that is the whole, in 0…1.
    let score: Double
}

/// Finds target columns that hold whole names where the source has them in parts (ROADMAP §12, compose).
struct NameComposer {
    /// A source column of at least this score is taken as it is, and nothing is composed.
    static let goodSingleScore = 0.75
    /// A header as near as this to an alias of the full name's domain is one.
    static let nameOfFullName = 0.95
    /// First and last name whose other words differ (`agent_first_name`, `client_last_name`) may be of two people.
    static let otherPersonFactor = 0.7
    /// Of a part that only its header's words tell.
    static let scoreByWords = 0.7

    private enum Part: CaseIterable {
        case first, last

        var domain: String { self == .first ? "person.first_name" : "person.last_name" }
        var words: Set<String> { self == .first ? ["first", "given", "forename"] : ["last", "family", "surname"] }
    }

    private static let fullName = "person.full_name"
    private static let wordsOfAWhole: Set<String> = ["full", "complete", "whole"]

    let input: MappingInput
    let matcher: ColumnMatcher

    /// At most one composition a target column, ascending by target.
    func compositions() -> [NameComposition] {
        guard let (first, last, score) = bestParts() else { return [] }
        return input.targets.indices.compactMap { target in
            guard let sureness = wholeness(target), !hasGoodSingle(target) else { return nil }
            return NameComposition(target: target, first: first, last: last, score: min(score, sureness))
        }
    }

    /// The parts that fit each other best; of equals the ones that come first.
    private func bestParts() -> (first: Int, last: Int, score: Double)? {
        var best: (first: Int, last: Int, score: Double)?
        for first in input.sources.indices {
            guard let one = score(first, as: .first) else { continue }
            for last in input.sources.indices where last != first {
                guard let other = score(last, as: .last) else { continue }
                let isOnePerson = otherWords(first, .first) == otherWords(last, .last)
                let score = (one + other) / 2 * (isOnePerson ? 1 : Self.otherPersonFactor)
                if score > best?.score ?? 0 { best = (first, last, score) }
            }
        }
        return best
    }

    /// Nil when the column is not such a part.
    private func score(_ source: Int, as part: Part) -> Double? {
        let column = input.sources[source]
        guard column.type == .text else { return nil }
        if let domain = column.knownDomain, domain.domain == part.domain { return domain.score }
        let words = PreparedHeader(column.name).tokens
        guard words.contains("name") || words.count == 1, !part.words.isDisjoint(with: words) else { return nil }
        return Self.scoreByWords
    }

    private func otherWords(_ source: Int, _ part: Part) -> [String] {
        PreparedHeader(input.sources[source].name).tokens.filter { $0 != "name" && !part.words.contains($0) }
    }

    /// How sure it is that the target column holds whole names; nil when it does not.
    private func wholeness(_ target: Int) -> Double? {
        let column = input.targets[target]
        guard column.type == .text else { return nil }
        let table = Set(PreparedHeader(input.table.name).tokens.map(TableNames.singular))
        let words = PreparedHeader(column.name).tokens.filter { !table.contains(TableNames.singular($0)) }
        let domain = column.knownDomain.flatMap { $0.domain == Self.fullName ? $0 : nil }
        if words.contains("name"), !Self.wordsOfAWhole.isDisjoint(with: words) {
            return domain?.score ?? Self.scoreByWords
        }
        // `name` alone is a person's whole name only where the target has no column for the parts.
        guard !hasColumnsForParts else { return nil }
        if words == ["name"] { return domain?.score ?? Self.scoreByWords }
        guard let domain, domain.nameSimilarity >= Self.nameOfFullName else { return nil }
        return domain.score
    }

    private var hasColumnsForParts: Bool {
        input.targets.contains { column in
            Part.allCases.contains { column.knownDomain?.domain == $0.domain }
        }
    }

    private func hasGoodSingle(_ target: Int) -> Bool {
        input.sources.indices.contains { source in
            Part.allCases.allSatisfy { score(source, as: $0) == nil }
                && matcher.likeness(source, target).score >= Self.goodSingleScore
        }
    }
}
