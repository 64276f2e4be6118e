internal import CompletenessCore
internal import SluiceSDK

/// Reports the null rate of every source column; companions and the ordinal are not columns of the source.
final class CompletenessCheck: Check {
    static let declaration = CheckDeclaration(
        reasonCodes: [NullRule.violation, NullRule.information], metrics: [NullRule.metric], readsText: false)

    private let host: Host
    private var rule = NullRule()
    private var parameters: [CheckParameters.Column] = []
    /// Positions of the source columns, and of the ordinal, in a batch.
    private var positions: [Int] = []
    private var ordinalPosition = 0
    private var tally: NullTally?

    init(config: JSONObject, host: Host) throws(PluginFailure) {
        guard config.members.isEmpty else {
            throw PluginFailure(message: "The completeness check takes no configuration.")
        }
        self.host = host
    }

    func begin(fields: [ArrowField], parameters: CheckParameters) throws(PluginFailure) {
        guard let ordinal = fields.firstIndex(where: { $0.name == "sluice.ordinal" }), fields[ordinal].type == .int64
        else { throw PluginFailure(message: "The batch has no column sluice.ordinal.") }
        let columns = fields.indices.filter { $0 != ordinal && !fields[$0].name.utf8.contains(UInt8(ascii: ".")) }
        self.parameters = columns.map { index in
            parameters.columns.first { $0.id == fields[index].name } ?? CheckParameters.Column(id: fields[index].name)
        }
        rule = try CompletenessCheck.rule(parameters.thresholds)
        ordinalPosition = ordinal
        positions = columns
        tally = NullTally(columns: columns.map { fields[$0].name })
    }

    private static func rule(_ thresholds: JSONObject) throws(PluginFailure) -> NullRule {
        guard let value = thresholds[NullRule.threshold], !value.isNull else { return NullRule() }
        guard let maximum = value.double, (0...1).contains(maximum) else {
            throw PluginFailure(message: "The threshold null_rate_max is not a number from 0 to 1.")
        }
        return NullRule(maximumRate: maximum)
    }

    private func started() throws(PluginFailure) -> NullTally {
        guard let tally else { throw PluginFailure(message: "The check was not begun.") }
        return tally
    }

    func update(_ batch: ArrowBatchView) throws(PluginFailure) {
        var tally = try started()
        let ordinals = batch.column(ordinalPosition)
        tally.add(rows: batch.rowCount)
        for (index, position) in positions.enumerated() {
            try host.checkCancellation()
            let column = batch.column(position)
            tally.add(
                column: index, rowCount: batch.rowCount, nullCount: column.nullCount,
                isNull: { column.isNull($0) }, ordinal: { ordinals.int64($0) ?? -1 })
        }
        self.tally = tally
    }

    func merge(_ state: UnsafeRawBufferPointer) throws(PluginFailure) {
        var tally = try started()
        guard tally.merge(try CompletenessState.read(state)) else {
            throw PluginFailure(message: "The state belongs to other columns.")
        }
        self.tally = tally
    }

    func verdict() throws(PluginFailure) -> CheckVerdict {
        let tally = try started()
        let findings = zip(tally.columns, parameters).map { column, parameter in
            let rate = column.rate(of: tally.rows)
            return CheckVerdict.Finding(
                column: column.id, metric: NullRule.metric, value: rate, count: column.nulls,
                reasonCode: rule.reason(rate: rate, isNullable: parameter.isNullable, isKey: parameter.isKey),
                ordinals: column.ordinals)
        }
        return CheckVerdict(rows: tally.rows, findings: findings)
    }

    func state() throws(PluginFailure) -> [UInt8] { CompletenessState.write(try started()) }
}
