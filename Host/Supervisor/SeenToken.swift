internal import Contracts
internal import Foundations

/// The name of what a person has before them at a gate: another run, stage or version of an artifact has another.
///
/// No secret: it proves what was looked at, not who looked.
enum SeenToken {
    /// Hexadecimal digits of a token.
    static let length = 16

    /// The first 16 hexadecimal digits of SHA-256 over `sluice/seen/1`, a line feed, and canonical JSON (docs/ledger.md).
    ///
    /// - Parameters:
    ///   - artifacts: hashes by kind, of the stages up to the one that is held.
    ///   - ends: how often stages of the run have ended: a rerun that made the same artifacts has another token.
    static func make(
        run: ULID, stage: Stage, hold: RunMachine.Hold, artifacts: [String: String], contractHash: String, ends: Int
    ) -> String {
        let seen: JSON = [
            "artifacts": .object(artifacts.mapValues(JSON.string)), "contract_hash": .string(contractHash),
            "ends": JSON(ends), "hold": .string(hold.rawValue), "run_id": .string(run.description),
            "stage": .string(stage.rawValue),
        ]
        return String(SHA256.hash(Array("sluice/seen/1\n".utf8) + seen.canonicalBytes).hex.prefix(length))
    }

    /// Whether a text has the shape of a token, in either case.
    static func isToken(_ text: String) -> Bool {
        text.utf8.count == length && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}

extension GateEvidence {
    /// Refuses a token of something else than what the run waits with now.
    ///
    /// - Parameter others: finds the run whose token it is; asked only for a token that no hold of this run had.
    /// - Throws: `gate.seen` that says what changed.
    func require(
        seen text: String, others: (_ token: String) throws(SluiceError) -> (run: ULID, at: Waiting)?
    ) throws(SluiceError) {
        let given = text.lowercased()
        guard given != token else { return }
        throw SluiceError(
            .gateSeen, try mistake(given, shown: text, others),
            hint: "Look again with `sluice show \(runID)`, and decide with the token that it shows.")
    }

    private func mistake(
        _ given: String, shown: String, _ others: (String) throws(SluiceError) -> (run: ULID, at: Waiting)?
    ) throws(SluiceError) -> String {
        guard SeenToken.isToken(given) else {
            return "“\(shown.prefix(40))” is no token: \(SeenToken.length) hexadecimal digits are expected."
        }
        if let earlier = waited.last(where: { $0.token == given }) {
            return """
                The token \(given) is that of \(runID) when it was held at \(earlier.stage.rawValue) \
                (\(earlier.hold.rawValue)), event \(earlier.number). Since then: \(changes(since: earlier)).
                """
        }
        if let other = try others(given) {
            return """
                The token \(given) is that of another run, \(other.run), held at \(other.at.stage.rawValue) \
                (\(other.at.hold.rawValue)).
                """
        }
        return "The token \(given) is that of nothing at which \(runID), or another run of this home, was ever held."
    }

    private func changes(since earlier: Waiting) -> String {
        var said: [String] = []
        for stage in Stage.work {
            let before = earlier.ends[stage] ?? 0
            guard ends[stage] ?? 0 > before else { continue }
            said.append(before == 0 ? "\(stage.rawValue) ended" : "\(stage.rawValue) ended again")
        }
        for (kind, hash) in artifacts.sorted(by: { $0.key < $1.key }) {
            guard let before = earlier.artifacts[kind], before != hash else { continue }
            said.append("\(kind) was \(before.prefix(12))…, and is \(hash.prefix(12))…")
        }
        if case .held(let stage, let hold) = state, stage != earlier.stage || hold != earlier.hold {
            said.append("it is \(Self.words(.held(stage, hold)))")
        }
        return said.isEmpty ? "the run went on" : said.joined(separator: "; ")
    }
}
