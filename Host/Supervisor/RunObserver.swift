public import Contracts
public import Foundations
public import Stages

/// Who watches a run from the driving thread, for example a terminal.
public protocol RunObserver: StageObserver {
    func stageStarted(_ stage: Stage)
    func stageFinished(_ stage: Stage, decision: GateDecision, reasons: [String], seconds: Double)
}

/// Where a run stands, as `--json` prints it.
public struct RunSummary: Sendable {
    public let json: JSON
    /// `created`, `running`, `held`, `ready`, `done`, `failed` or `stopped`.
    public let state: String
    /// Why the drive ended, when it was not with `done` or `held`.
    public let error: SluiceError?
}

/// What `sluice run --lhs … --rhs …` says; everything else has a default.
public struct Shorthand: Sendable {
    public var lhs: String
    public var rhs: String
    public var mode: Mode = .dataMode
    public var lane: Lane?
    public var routing: RoutingProfile = .qualityFirst
    public var thresholds = Self.defaultThresholds
    public var sampleRows: Int64?
    public var tags: [String] = []
    public var idempotencyKey: String?
    public var createdAt: String?
    /// A Mapping Plan to reuse: its hash, or a beginning of at least 8 digits that no other artifact has.
    public var plan: String?

    /// The threshold profile of a run that names none.
    public static let defaultThresholds = "tp_default_v1"

    public init(lhs: String, rhs: String) {
        self.lhs = lhs
        self.rhs = rhs
    }
}
