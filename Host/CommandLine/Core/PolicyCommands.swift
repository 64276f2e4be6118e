internal import Foundations
internal import Supervisor

/// `sluice policy show`, `history`, `edit` and `revert`: the versions of a home's policy.
extension Session {
    /// Largest manifest that is read.
    private static let policyLimit = 16 << 20

    /// The manifest that `policy edit` names, read before a home is opened.
    func policyDocument() throws(SluiceError) -> JSON {
        let file = invocation.operand(0) ?? ""
        let path = file == "-" ? "/dev/stdin" : file
        let bytes: [UInt8]
        do throws(Files.Failure) { bytes = try Files.read(path, limit: Self.policyLimit) } catch {
            throw SluiceError(
                .policyManifest, "The manifest cannot be read: \(error.reason).",
                hint: "Check the path of FILE and its permissions.")
        }
        return try JSONParser.parse(bytes, name: "manifest")
    }

    func changePolicy(_ service: any Service, _ document: JSON?) throws(SluiceError) {
        let reason = invocation.text("reason") ?? ""
        switch invocation.verb {
        case .policyHistory:
            let history = try service.policyHistory()
            emit(history, people: reports.policyHistory(history))
        case .policyEdit:
            let answer = try service.editPolicy(document ?? .null, reason: reason)
            emit(answer, people: reports.policyChange(answer))
        case .policyRevert:
            let answer = try service.revertPolicy(invocation.operand(0) ?? "", reason: reason)
            emit(answer, people: reports.policyChange(answer))
        default:
            let version = try service.policyShow(invocation.operand(0))
            emit(version, people: reports.policyVersion(version))
        }
    }
}

extension Option {
    fileprivate static let policyReason = Option.value(
        "reason", "TEXT", .text, "why, in a line; goes into the home's record")
}

extension Spec {
    static let policyShow = Spec(
        verb: .policyShow, summary: "show the policy in force, or another version of it",
        usage: ["policy show [VERSION]"],
        about: """
            The home's own version when somebody made one, else the one that ships. Runs are pinned to the version that
            they were made with, and each artifact records it.
            """,
        operands: [
            Operand(
                name: "VERSION", value: .text, required: false,
                help: "a policy_version, or the beginning of a reference; default the one in force")
        ],
        examples: [
            Example(purpose: "What is in force", line: "sluice policy show"),
            Example(purpose: "A copy to change", line: "sluice policy show --json | jq .manifest > policy.json"),
        ])

    static let policyHistory = Spec(
        verb: .policyHistory, summary: "list the versions of the policy: who changed what, when and why",
        usage: ["policy history"],
        about: "The record is append-only, chained by hashes, and its length is kept outside the database.",
        examples: [
            Example(purpose: "All versions", line: "sluice policy history"),
            Example(
                purpose: "What the last change was",
                line: "sluice policy history --json | jq '.versions[-1].details.diff'"),
        ])

    static let policyEdit = Spec(
        verb: .policyEdit, summary: "put another version of the policy in force",
        usage: ["policy edit FILE [--reason TEXT]"],
        about: """
            The manifest is validated whole: one that is malformed is refused, and the version in force stays. Its
            policy_version must be above the present one. Who changed what, and why, is recorded. Runs that wait keep to
            the version that they were made with, and do not go on under another.
            """,
        operands: [
            Operand(name: "FILE", value: .file, required: true, help: "a Policy Manifest; - reads standard input")
        ],
        options: [.policyReason],
        examples: [
            Example(purpose: "Take a copy", line: "sluice policy show --json | jq .manifest > policy.json"),
            Example(
                purpose: "And put it in force, changed",
                line: "sluice policy edit policy.json --reason \"the new provider is allowed\""),
        ], exits: "4 when your role may not edit the policy (Maintainer or above), or the manifest is refused.")

    static let policyRevert = Spec(
        verb: .policyRevert, summary: "put an earlier version of the policy in force again",
        usage: ["policy revert VERSION [--reason TEXT]"],
        about: """
            The earlier version is taken under a number above the present one. With the version in force it brings the
            home's policy file back, when that was changed by something else.
            """,
        operands: [
            Operand(
                name: "VERSION", value: .text, required: true,
                help: "a policy_version, or the beginning of a reference; see `sluice policy history`")
        ],
        options: [.policyReason],
        examples: [
            Example(purpose: "Back to what ships", line: "sluice policy revert 1.0.0 --reason \"the change did harm\""),
            Example(purpose: "After the file was changed by hand", line: "sluice policy revert 1.2.0"),
        ], exits: "4 when your role may not edit the policy (Maintainer or above).")
}

extension Reports {
    func policyVersion(_ json: JSON) -> [Text] {
        let isActive = json["active"]?.boolValue ?? false
        let origin = json["origin"]?.stringValue == "shipped" ? "ships with Sluice" : "was made in this home"
        var lines: [Text] = [
            "Policy \(text(json["policy_version"]).painted(.strong, style)), which \(origin)"
                + "\(isActive ? ", is in force." : " and is not in force.")"
        ]
        lines += policyFault(json)
        return lines + [""] + Outline(style).lines(json["manifest"] ?? .null)
    }

    func policyHistory(_ json: JSON) -> [Text] {
        var table = Table(["", "VERSION", "ACT", "BY", "WHEN", "CHANGES", "WHY"], right: [5])
        for version in json["versions"]?.arrayValue ?? [] {
            let details = version["details"]
            let isActive = version["reference"] == json["active"]
            let changes = details?["diff"]?.arrayValue.map { JSON($0.count) }
            table.add([
                isActive ? ">" : " ", text(version["policy_version"]), text(version["act"]), text(version["actor"]),
                text(version["timestamp_utc"]), text(changes), text(details?["reason"]),
            ])
        }
        return policyFault(json) + table.lines(style)
    }

    func policyChange(_ json: JSON) -> [Text] {
        let now = text(json["policy_version"])
        switch json["status"]?.stringValue {
        case "unchanged": return ["The policy \(now) is in force already; nothing was changed."]
        case "restored": return ["The policy \(now) is in force, and \(text(json["file"])) has it again."]
        default: break
        }
        var lines: [Text] = ["The policy \(now) is in force; before it was \(text(json["previous"]))."]
        for change in json["diff"]?.arrayValue ?? [] {
            let old = change["old"].map { Text($0.canonicalText) } ?? "(none)"
            let new = change["new"].map { Text($0.canonicalText) } ?? "(none)"
            lines.append("  \(text(change["path"]))  \(old) → \(new)")
        }
        return lines
    }

    private func policyFault(_ json: JSON) -> [Text] {
        guard let error = json["error"], error != .null else { return [] }
        return [
            Text(error["message"]?.stringValue ?? "").painted(.bad, style), "next: " + text(error["hint"]),
        ]
    }
}
