internal import Contracts
internal import Foundations
internal import Supervisor

/// `sluice policy explain`, `sluice policy diff` and `sluice policy test`.
extension Spec {
    static let policyExplain = Spec(
        verb: .policyExplain, summary: "tell which rule of the policy decides what, cell by cell",
        usage: ["policy explain [ROLE] [ACTION] [--mode MODE] [--provider ID] [--class CLASS] [--policy MANIFEST]"],
        about: """
            Lists the cells of both matrices, role by action and capability by mode, and what is done to each class of data
            before a provider gets it. A verdict is allow, mask (allowed, and masked) or deny; behind it stands the rule.
            Without ROLE the steps of a run are asked for by the least role that may create one.
            """,
        operands: [
            Operand(
                name: "ROLE", value: .choice(PolicyQuestion.roles + PolicyQuestion.actions), required: false,
                help: "of ROADMAP §32; an ACTION may stand here as well"),
            Operand(
                name: "ACTION", value: .choice(PolicyQuestion.roles + PolicyQuestion.actions), required: false,
                help: "a right of ROADMAP §32, or a step of the host"),
        ],
        options: [
            .value("mode", "MODE", .choice(Mode.allCases.map(\.rawValue)), "the cells of one mode"),
            .value("provider", "ID", .text, "the cells of one provider, whether policy names it or not"),
            .value("class", "CLASS", .choice(PolicyQuestion.classes), "the cells of one class of data"),
            .policy,
        ],
        examples: [
            Example(purpose: "Everything", line: "sluice policy explain"),
            Example(purpose: "What an Analyst may do", line: "sluice policy explain Analyst"),
            Example(purpose: "Why nobody migrates in metadata_only", line: "sluice policy explain migrate"),
            Example(
                purpose: "What a provider is sent of e-mail addresses",
                line: "sluice policy explain --provider local --class contact.email"),
        ])

    static let policyDiff = Spec(
        verb: .policyDiff, summary: "tell what a second Policy Manifest allows or denies that a first did not",
        usage: ["policy diff A B"],
        about: """
            Decides every cell by both manifests and lists those that differ; then every other value that is another.
            A and B are files, versions as `sluice policy history` names them, names of the registry's manifests, or current.
            """,
        operands: [
            Operand(name: "A", value: .file, required: true, help: "the manifest before"),
            Operand(name: "B", value: .file, required: true, help: "the manifest after"),
        ],
        examples: [
            Example(purpose: "Before it is put in force", line: "sluice policy diff current policy.json"),
            Example(
                purpose: "Does it allow anything new?",
                line: "sluice policy diff 0.1.0 1.0.0 --json | jq '.changes[] | select(.kind == \"now_allowed\")'"),
        ])

    static let policyTest = Spec(
        verb: .policyTest, summary: "hold the policy against a file of expectations",
        usage: ["policy test FILE [--policy MANIFEST]"],
        about: """
            One expectation a line: ROLE ACTION [mode=…] [resource=…] [provider=…] [class=…] => allow|mask|deny [RULE].
            docs/policy.md has every word; registry/policies/pm_default_v1.test is the default policy, cell by cell.
            """,
        operands: [
            Operand(name: "FILE", value: .file, required: true, help: "expectations; - reads them from standard input")
        ],
        options: [.policy],
        examples: [
            Example(purpose: "The policy in force", line: "sluice policy test ours.test"),
            Example(purpose: "One that is not yet", line: "sluice policy test ours.test --policy policy.json"),
            Example(
                purpose: "A single question", line: "echo 'Viewer create_run => deny' | sluice policy test -"),
        ], exits: "1 when an expectation does not hold.")
}

extension Option {
    fileprivate static let policy = Option.value(
        "policy", "MANIFEST", .file, "a file, a version, a name of the registry, or current; default current")
}

extension Session {
    /// Largest file of expectations.
    private static let expectationsLimit = 16 << 20

    func explainPolicy(_ service: any Service) throws(SluiceError) {
        var question = PolicyQuestion()
        for word in invocation.operands {
            if PolicyQuestion.roles.contains(word) {
                guard question.role == nil else { throw usage("Two roles were given; one at most can be asked about.") }
                question.role = word
            } else {
                guard question.action == nil else {
                    throw usage("Two actions were given; one at most can be asked about.")
                }
                question.action = word
            }
        }
        question.mode = invocation.text("mode").flatMap(Mode.init(rawValue:))
        question.provider = invocation.text("provider")
        question.dataClass = invocation.text("class")
        let answer = try service.explainPolicy(question, policy: invocation.text("policy"))
        emit(answer, people: reports.policyCells(answer))
    }

    func comparePolicies(_ service: any Service) throws(SluiceError) {
        let answer = try service.comparePolicies(invocation.operand(0) ?? "", invocation.operand(1) ?? "")
        emit(answer, people: reports.policyDifference(answer))
    }

    func testPolicy(_ service: any Service) throws(SluiceError) -> Int32 {
        let file = invocation.operand(0) ?? "-"
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(file == "-" ? "/dev/stdin" : file, limit: Self.expectationsLimit)
        } catch { throw SluiceError(.usage, "FILE cannot be read: \(error.reason).") }
        let answer = try service.testPolicy(
            String(decoding: bytes, as: UTF8.self), policy: invocation.text("policy"))
        emit(answer, people: reports.policyTest(answer))
        return answer["failed"]?.intValue == 0 ? ExitStatus.done : ExitStatus.failure
    }
}

extension Reports {
    func policyCells(_ json: JSON) -> [Text] {
        let cells = json["cells"]?.arrayValue ?? []
        var lines: [Text] = ["Policy \(text(json["policy_version"]))"]
        if cells.isEmpty { return lines + ["", "No cell fits."] }
        func part(_ name: String, _ title: Text, _ columns: [Text], _ row: (JSON) -> [Text]) {
            let rows = cells.filter { $0["table"]?.stringValue == name }
            guard !rows.isEmpty else { return }
            var table = Table(columns)
            for cell in rows {
                table.add(row(cell) + [painted(word(cell["verdict"])), text(cell["rule_id"])])
            }
            lines += ["", title.painted(.strong, style)] + table.lines(style)
        }
        part("rbac", "Role × action (ROADMAP §32)", ["ACTION", "ROLE", "VERDICT", "RULE"]) { cell in
            [text(cell["action"]), text(cell["role"])]
        }
        part(
            "capability", "Capability × mode (ROADMAP §3)",
            ["CAPABILITY", "MODE", "ACTION", "RESOURCE", "ROLE", "VERDICT", "RULE"]
        ) { cell in
            [
                text(cell["capability"]), text(cell["mode"]), text(cell["action"]), text(cell["resource"]),
                text(cell["role"]),
            ]
        }
        part("provider", "Class × provider", ["CLASS", "PROVIDER", "ROLE", "VERDICT", "RULE"]) { cell in
            [text(cell["class"]), text(cell["provider"]), text(cell["role"])]
        }
        return lines + whereTo(json)
    }

    private func whereTo(_ json: JSON) -> [Text] {
        let reached = json["egress"]?["effective"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let pointed = (json["egress"]?["endpoints"]?.arrayValue ?? []).map { endpoint -> Text in
            """
            The endpoint \(text(endpoint["endpoint"])) of \(text(endpoint["provider"])) is at \(text(endpoint["url"]))\
            \(endpoint["mistake"].map { ", which cannot be used: " + text($0) } ?? "").
            """
        }
        let names = json["jurisdictions"]?.arrayValue?.filter { $0["enabled"]?.boolValue == true } ?? []
        return [
            "",
            "Origins that providers can reach: \(reached.isEmpty ? "none" : reached.joined(separator: ", ")).",
        ] + pointed + [
            """
            Jurisdictions in force: \(names.isEmpty ? "none" : names.compactMap { $0["name"]?.stringValue }.joined(separator: ", ")). \
            Previews show what \(count(json["previews_k"])) rows share.
            """
        ]
    }

    /// allow, mask or deny.
    private func word(_ verdict: JSON?) -> String {
        verdict?.stringValue == "allow-with-masking" ? "mask" : verdict?.stringValue ?? "-"
    }

    func policyDifference(_ json: JSON) -> [Text] {
        let changes = json["changes"]?.arrayValue ?? []
        let settings = json["settings"]?.arrayValue ?? []
        var lines: [Text] = ["\(text(json["from"])) → \(text(json["to"]))"]
        if changes.isEmpty && settings.isEmpty { return lines + ["", "They are the same."] }
        if changes.isEmpty { lines += ["", "No cell is decided otherwise."] }
        for (kind, title): (String, Text) in [
            ("now_allowed", "Now allowed"), ("now_denied", "Now denied"), ("changed", "Decided otherwise"),
        ] {
            let some = changes.filter { $0["kind"]?.stringValue == kind }
            guard !some.isEmpty else { continue }
            var table = Table(["CELL", "BEFORE", "AFTER", "RULE"])
            for change in some {
                table.add([
                    text(change["cell"]), painted(word(change["before"]?["verdict"])),
                    painted(word(change["after"]?["verdict"])), text(change["after"]?["rule_id"]),
                ])
            }
            lines += ["", title.painted(.strong, style)] + table.lines(style)
        }
        guard !settings.isEmpty else { return lines }
        var table = Table(["VALUE", "BEFORE", "AFTER"])
        for setting in settings {
            table.add([
                text(setting["path"]), short(setting["old"]), short(setting["new"]),
            ])
        }
        return lines + ["", Text("Values").painted(.strong, style)] + table.lines(style)
    }

    private func short(_ value: JSON?) -> Text { value.map { Text($0.canonicalText).cut(to: 60) } ?? "-" }

    func policyTest(_ json: JSON) -> [Text] {
        var lines: [Text] = []
        for failure in json["failures"]?.arrayValue ?? [] {
            lines += [
                "line \(count(failure["line"])): \(text(failure["text"]))",
                "  \(painted("deny")): it is \(text(failure["verdict"])), \(text(failure["rule_id"])) (\(text(failure["rule"])))",
            ]
        }
        return lines + [
            "\(count(json["passed"])) hold, \(count(json["failed"])) do not, by \(text(json["policy_version"]))."
        ]
    }
}
