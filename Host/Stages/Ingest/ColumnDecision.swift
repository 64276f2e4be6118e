internal import Columnar
internal import Contracts
internal import Detection
internal import Foundations
internal import Policy
internal import Transform

/// What the values of one column are taken for, and what says so. No value is in it.
struct ColumnDecision {
    /// Nil where nothing personal was seen, and where only a guess would open the column.
    let entity: EntityType?
    /// What speaks for `entity`, or for what the classifier saw when that decides nothing.
    private let type: EntityType?
    private let score: Double
    private let evidence: [String]

    /// Of what speaks for a kind the most strictly treated decides, and of equals the classifier before the domains.
    ///
    /// - Parameters:
    ///   - personal: domains that are personal data, best first.
    ///   - isListed: whether all values are in the code list of a domain that is none.
    ///   - sure: the score from which a class that the manifest allows may open the column.
    init(
        _ personal: [DomainCandidate], _ finding: ColumnFinding, isListed: Bool, rules: PIIRules, sure: Double
    ) {
        var options = personal.map { candidate in
            (
                type: DomainEntity.type(of: candidate.domain), score: candidate.score, share: 1.0,
                evidence: ["domain \(candidate.domain)"]
            )
        }
        if let type = finding.type, Self.decides(type, isListed: isListed, rules) {
            options.insert((type, finding.score, finding.share, finding.evidence), at: 0)
        }
        func action(_ type: EntityType?) -> PIIAction { rules.action(for: type?.dataClass ?? .unknown) }
        let strictest = options.map { action($0.type) }.min()
        guard let strictest, let first = options.first(where: { action($0.type) == strictest }) else {
            (entity, type, score, evidence) = (nil, finding.type, finding.score, finding.evidence)
            return
        }
        // What opens a column must hold for nearly every cell of it: the others would pass too.
        let isGuess = first.score < sure || first.share < Self.leastOpenShare
        entity = strictest.opens && isGuess ? nil : first.type
        (type, score, evidence) = (first.type, first.score, first.evidence)
    }

    /// Places, organisations and other words close no column that a code list opens, and decide only where the manifest
    /// says something of their class.
    private static func decides(_ type: EntityType, isListed: Bool, _ rules: PIIRules) -> Bool {
        switch type {
        case .place, .organization, .jobTitle, .title, .dateTime, .freeText, .url, .domainName:
            !isListed && rules.action(for: type.dataClass) != rules.action(for: .unknown)
        default: true
        }
    }

    /// As the catalog has it: the exposure, and beside it class, score and evidence.
    func json(_ exposure: Exposure) -> JSON {
        guard case .object(var members) = exposure.json else { return exposure.json }
        members["class"] = .string((exposure.type ?? type)?.dataClass.rawValue ?? DataClass.notPersonal.rawValue)
        members["score"] = .double(score)
        members["evidence"] = .array(evidence.map(JSON.string))
        return .object(members)
    }

    /// The different values of a column, in the order of their first row, with the rows that each stands in.
    static func counted(_ column: Column) -> [CountedValue] {
        var places: [[UInt8]: Int] = [:]
        var values: [(bytes: [UInt8], count: Int)] = []
        column.withView { view in
            var text: [UInt8] = []
            for row in 0..<view.count where view.isValid(row) {
                text.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                let value = Array(text.trimmed.prefix(ValueSketch.maximumBytes))
                if value.isEmpty { continue }
                if let place = places[value] {
                    values[place].count += 1
                } else if values.count < maximumValues {
                    places[value] = values.count
                    values.append((value, 1))
                }
            }
        }
        return values.map { CountedValue(bytes: $0.bytes, count: $0.count) }
    }

    private static let maximumValues = 400
    private static let leastOpenShare = 0.98
}
