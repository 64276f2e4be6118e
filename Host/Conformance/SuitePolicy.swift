internal import Contracts
internal import Foundations
internal import Policy

/// The policy under which the suite calls plugins: its own, made here and kept nowhere. No run can come by it.
struct SuitePolicy {
    /// Under which the policy knows the provider.
    static let provider = "conformance"

    let engine: PolicyEngine
    private let actor = RunContract.Actor(userID: "conformance", role: .admin)

    /// - Parameter egress: what the policy says about the way out.
    init(egress: JSON = ["default": "deny", "allow": []]) throws(SluiceError) {
        let roles = JSON(Role.allCases.map(\.rawValue))
        let capabilities: JSON = [
            "catalog_inference": true, "row_samples": true, "analysis_checks": ["nulls", "duplicates"],
            "migration": "full",
        ]
        engine = PolicyEngine(
            manifest: try PolicyManifest([
                "policy_id": "pm_conformance", "policy_version": "1.0.0",
                "capabilities": ["metadata_only": [:], "data_mode": capabilities], "roles": roles,
                "rbac": .object(
                    Dictionary(
                        uniqueKeysWithValues: Role.allCases.map {
                            ($0.rawValue, JSON($0 == .admin ? [Action.createRun.rawValue] : []))
                        })),
                "users": [:], "providers": ["allow": [.string(Self.provider)], "deny": []], "egress": egress,
                "masking": [
                    "default": "mask", "open_types": ["bool", "int64", "float64"], "listed_codes_max_distinct": 64,
                    "integer_digits_max": 8,
                ],
                "sample_caps": ["rows_max": 1000, "bytes_max": 1_048_576],
                "budget_caps": ["tokens": 0, "usd": 0, "wall_time_s": 0], "isolation": ["minimum": []],
                "local_only_override": ["roles": []],
            ]))
    }

    func permit(_ action: Action) throws(SluiceError) -> Permit {
        try engine.permit(
            PolicyEngine.Request(actor: actor, action: action, mode: .dataMode, provider: Self.provider))
    }
}
