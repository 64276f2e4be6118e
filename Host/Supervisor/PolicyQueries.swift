public import Contracts
public import Foundations
internal import PluginHost
internal import Policy
internal import Stages

/// Which cells of the policy's tables are asked for; nil is any.
public struct PolicyQuestion: Sendable, Equatable {
    public var role: String?
    public var action: String?
    public var mode: Mode?
    public var provider: String?
    public var dataClass: String?

    public init() {}

    /// The names that a role may have.
    public static let roles = Role.allCases.map(\.rawValue)
    /// The names of everything that the policy decides.
    public static let actions = Action.allCases.map(\.rawValue)
    public static let classes = DataClass.allCases.map(\.rawValue)

    /// - Throws: `usage` for a name that is none.
    func filter() throws(SluiceError) -> PolicyMatrix.Filter {
        var filter = PolicyMatrix.Filter()
        filter.role = try Self.named(role, Role.init(rawValue:), "role", Self.roles)
        filter.action = try Self.named(action, Action.init(rawValue:), "action", Self.actions)
        filter.dataClass = try Self.named(dataClass, DataClass.init(rawValue:), "class of data", Self.classes)
        filter.mode = mode
        filter.provider = provider
        return filter
    }

    private static func named<T>(
        _ word: String?, _ find: (String) -> T?, _ what: String, _ known: [String]
    ) throws(SluiceError) -> T? {
        guard let word else { return nil }
        guard let found = find(word) else {
            throw SluiceError(.usage, "There is no such \(what); there are \(known.joined(separator: ", ")).")
        }
        return found
    }
}

extension RunService {
    /// A Policy Manifest by a word: `current`, a version that was in force, a version or name of the registry, or a file.
    ///
    /// - Throws: `usage` when there is none; `policy.manifest` for one that is refused.
    func policy(named word: String) throws(SluiceError) -> PolicyManifest {
        if word == "current" { return policy.manifest }
        do throws(SluiceError) { return try policyVersion(word).manifest } catch {
            guard error.detail == ErrorKind.policyVersion.id else { throw error }
        }
        if !word.contains("/"), let found = try registry.policy(named: word) { return found }
        guard Files.exists(word) else {
            throw SluiceError(
                .usage, "There is no Policy Manifest of this name, and no such file.",
                hint: "Name a file, current, or one of \(try registry.policyNames().joined(separator: ", ")).")
        }
        return try PolicyManifest(file: word)
    }

    /// The policy in force, or another, over the plugins of this home; also while the policy file is in doubt.
    private func engine(of word: String?) throws(SluiceError) -> PolicyEngine {
        try require(.viewArtifactsMasked)
        let manifest = try word.map { (word) throws(SluiceError) in try policy(named: word) } ?? policy.manifest
        return PolicyEngine(manifest: manifest, routes: try catalog().pointed(by: manifest).providerRoutes)
    }

    /// Which rule decides each cell of the tables, and what else the manifest says.
    ///
    /// - Parameter policy: another manifest than the one in force, see `policy(named:)`.
    /// - Throws: `usage` for a name that is none.
    public func explainPolicy(_ question: PolicyQuestion, policy: String?) throws(SluiceError) -> JSON {
        let engine = try engine(of: policy)
        let cells = PolicyMatrix(engine).cells(try question.filter())
        let egress = engine.manifest.egress
        return [
            "policy_version": .string(engine.manifest.reference), "cells": .array(cells.map(\.json)),
            "egress": [
                "allow": egress.followsRegistry ? "registry" : JSON(egress.allowed.map(\.description)),
                "effective": JSON(engine.effectiveOrigins.map(\.description)),
                "endpoints": .array(
                    try catalog().pointedEndpoints(of: engine.manifest).map { pointed in
                        .members([
                            "provider": .string(pointed.provider), "endpoint": .string(pointed.endpoint),
                            "url": .string(pointed.address.description), "mistake": pointed.mistake.map(JSON.string),
                        ])
                    }),
            ],
            "jurisdictions": .array(
                engine.manifest.jurisdictions.map { jurisdiction in
                    [
                        "name": .string(jurisdiction.name), "enabled": .bool(jurisdiction.isEnabled),
                        "classes": JSON(jurisdiction.classes.map(\.rawValue).sorted()),
                        "regions": JSON(jurisdiction.regions.sorted()),
                    ]
                }),
            "previews_k": JSON(engine.manifest.previewsK),
        ]
    }

    /// What a second manifest allows or denies that a first did not, and what else it changes.
    ///
    /// - Throws: as `policy(named:)`.
    public func comparePolicies(_ first: String, _ second: String) throws(SluiceError) -> JSON {
        try require(.viewArtifactsMasked)
        return PolicyDifference(from: try policy(named: first), to: try policy(named: second)).json
    }

    /// Holds a policy against expectations, see `PolicyExpectations`.
    ///
    /// - Parameters:
    ///   - expectations: the text of a file.
    ///   - policy: another manifest than the one in force.
    /// - Throws: `policy.expectation` for a text with a line that is none.
    public func testPolicy(_ expectations: String, policy: String?) throws(SluiceError) -> JSON {
        let lines = try PolicyExpectations(expectations)
        let engine = try engine(of: policy)
        let outcomes = lines.outcomes(engine)
        return [
            "policy_version": .string(engine.manifest.reference), "passed": JSON(outcomes.count(where: \.holds)),
            "failed": JSON(outcomes.count { !$0.holds }),
            "failures": .array(
                outcomes.filter { !$0.holds }.map { outcome in
                    [
                        "line": JSON(outcome.line.number), "text": .string(outcome.line.text),
                        "verdict": .string(outcome.decision.verdict.word),
                        "rule_id": .string(outcome.decision.rule.id), "rule": .string(outcome.decision.rule.words),
                    ]
                }),
        ]
    }
}
