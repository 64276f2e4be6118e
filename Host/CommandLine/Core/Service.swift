public import Conformance
public import Contracts
public import Foundations
public import Supervisor

/// What the command line asks of a home; `RunService` is the one that ships.
///
/// Every method may throw any error of the catalog. One object belongs to one thread.
public protocol Service: AnyObject {
    func contract(_ document: JSON) throws(SluiceError) -> RunContract
    func contract(_ shorthand: Shorthand) throws(SluiceError) -> RunContract
    func submit(_ contract: RunContract) throws(SluiceError) -> ULID
    func drive(_ run: ULID, options: DriveOptions, observer: any RunObserver) throws(SluiceError) -> RunSummary
    func summary(_ run: ULID) throws(SluiceError) -> RunSummary
    func find(_ name: String) throws(SluiceError) -> ULID
    func decide(
        _ run: ULID, stage: Stage, decision: GateDecision, seen: String?, reason: String?
    ) throws(SluiceError) -> JSON
    func stop(_ run: ULID) throws(SluiceError) -> JSON
    func runs() throws(SluiceError) -> JSON
    func show(_ run: ULID) throws(SluiceError) -> JSON
    func ledger(_ run: ULID) throws(SluiceError) -> [JSON]
    func verifyLedger(_ run: ULID) throws(SluiceError) -> JSON
    func exportLedger(_ run: ULID, to path: String) throws(SluiceError) -> JSON
    func ledgerPublicKey() throws(SluiceError) -> JSON
    func artifacts(_ run: ULID) throws(SluiceError) -> JSON
    func artifact(_ prefix: String) throws(SluiceError) -> JSON
    func quarantine(_ run: ULID, _ page: QuarantinePage) throws(SluiceError) -> JSON
    func collectArtifacts(graceHours: Int64, dryRun: Bool) throws(SluiceError) -> JSON
    func promoteArtifact(_ prefix: String, reason: String, thresholds: String) throws(SluiceError) -> JSON
    func plugins() throws(SluiceError) -> JSON
    func plugin(_ id: String) throws(SluiceError) -> JSON
    func retryPlugin(_ id: String) throws(SluiceError) -> JSON
    func installPlugin(_ order: PluginOrder, ask: GrantQuestion) throws(SluiceError) -> JSON
    func verifyPlugins(_ id: String?) throws(SluiceError) -> JSON
    func setPlugin(_ id: String, enabled: Bool) throws(SluiceError) -> JSON
    func removePlugin(_ id: String) throws(SluiceError) -> JSON
    func pluginKeys() throws(SluiceError) -> JSON
    func trustKey(_ word: String, publisher: String) throws(SluiceError) -> JSON
    func revokeKey(_ word: String, reason: String) throws(SluiceError) -> JSON
    func conformance(_ target: String, checks: [String]?, seed: UInt64) throws(SluiceError) -> ConformanceReport
    func explain(_ contract: RunContract) throws(SluiceError) -> JSON
    func cost(_ contract: RunContract) throws(SluiceError) -> JSON
    func policyCheck(_ contract: RunContract) throws(SluiceError) -> JSON
    func explainPolicy(_ question: PolicyQuestion, policy: String?) throws(SluiceError) -> JSON
    func comparePolicies(_ first: String, _ second: String) throws(SluiceError) -> JSON
    func testPolicy(_ expectations: String, policy: String?) throws(SluiceError) -> JSON
    func policyShow(_ version: String?) throws(SluiceError) -> JSON
    func policyHistory() throws(SluiceError) -> JSON
    func editPolicy(_ document: JSON, reason: String) throws(SluiceError) -> JSON
    func revertPolicy(_ version: String, reason: String) throws(SluiceError) -> JSON
}

extension RunService: Service {}

/// Opens the home that `--home` names; nil is the default home.
public typealias ServiceFactory = (_ home: String?, _ context: Context) throws(SluiceError) -> any Service
