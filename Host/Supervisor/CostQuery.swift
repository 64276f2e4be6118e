public import Contracts
public import Foundations
internal import PluginHost
internal import Policy
internal import Stages
internal import Store

/// `sluice cost`: what a run would ask models, and what that would cost, before anything is sent.
extension RunService {
    /// Per stage: questions, calls, tokens, US dollars, the candidates in order with the reasons for those that are
    /// skipped, the caps and whether they would hold.
    ///
    /// Reads the source as metadata_only does. No run is made, no provider is started, nothing leaves the host.
    /// - Throws: `policy.denied` for a contract that policy does not admit; `policy.mode` where names cannot be read without
    ///   values; what reading source and target throws.
    public func cost(_ contract: RunContract) throws(SluiceError) -> JSON {
        _ = try engine.admit(contract, authenticated: caller)
        guard case .object(var members) = contract.json else { return .null }
        members["mode"] = .string(Mode.metadataOnly.rawValue)
        // What was said of the run of this contract, such as that it shall stop, is not said of reading it.
        members["run_id"] = .string(context.ulid().description)
        let reading = try RunContract(.object(members))
        let permit = try permit(.createRun)
        let runner = try RunnerSettings.located(
            isolationMinimum: IsolationLayer.parse(engine.manifest.isolationMinimum), context: context)
        let nothing = SluiceError(.runState, "An estimate sends nothing.")
        var stage = try StageContext(
            contract: reading, thresholds: try registry.thresholds(contract.thresholdProfileID), engine: engine,
            versions: try versions(of: contract), registry: registry, plugins: try catalog(), pins: .none,
            runner: runner,
            care: PluginCare(
                pool: nil, admit: { (_) throws(SluiceError) in }, onMisconduct: { _ in }, onRefused: { _, _ in }),
            store: store, masterKey: try store.home.masterKey(permit: permit), context: context,
            observer: SilentObserver(), onPlugin: { _ in }, onEgress: { (_) throws(SluiceError) in throw nothing },
            onCall: { (_) throws(SluiceError) in throw nothing },
            onBatch: { (_) throws(SluiceError) in throw nothing },
            onInference: { (_) throws(SluiceError) in throw nothing }, permit: permit)
        stage.lane = LaneChoice.choose(laneInputs(contract)).lane
        do throws(SluiceError) { return try ModelForecast(stage, of: contract, permit: permit).json } catch {
            guard error.detail == ErrorKind.policyMode.id, contract.mode != .metadataOnly else { throw error }
            throw ModelForecast.unreadable
        }
    }
}

private final class SilentObserver: StageObserver {
    func progress(_ stage: Stage, rows: Int64, totalRows: Int64?) {}
    func notice(_ text: String) {}
    var shouldStop: Bool { false }
}
