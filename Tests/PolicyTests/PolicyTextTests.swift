import Contracts
import Foundations
import Policy
import Testing

@Suite struct `Expectations` {
    private static let path = "\(root)/registry/policies/pm_default_v1.test"

    private func mistake(_ text: String) -> String? {
        do {
            _ = try PolicyExpectations(text)
            return nil
        } catch {
            #expect(error.detail == "policy.expectation" && error.exitStatus == 2)
            return error.message
        }
    }

    @Test func `of the default policy hold, and have every cell of both matrices`() throws {
        let engine = try shippedEngine()
        let expectations = try PolicyExpectations(String(decoding: try Files.read(Self.path), as: UTF8.self))
        let outcomes = expectations.outcomes(engine)
        for outcome in outcomes where !outcome.holds {
            Issue.record("line \(outcome.line.number): \(outcome.line.text) is \(outcome.decision)")
        }
        #expect(outcomes.allSatisfy { $0.line.rule != nil })
        func key(_ words: [String?]) -> String { words.map { $0 ?? "-" }.joined(separator: " ") }
        let told = Set(
            expectations.lines.map { line in
                let request = line.request
                return key(
                    [request.role, request.action, request.mode, request.resource] + request.dataClasses.sorted())
            })
        let matrix = PolicyMatrix(engine)
        var cells = matrix.cells()
        for action in Action.allCases where action.capability != nil {
            var filter = PolicyMatrix.Filter()
            filter.action = action
            cells += matrix.cells(filter)
        }
        for cell in cells {
            let request = cell.request
            let name = key(
                [request.actor.role.rawValue, request.action.rawValue, request.mode?.rawValue, request.resource]
                    + request.dataClasses.map(\.rawValue))
            #expect(told.contains(name), "\(cell.name)")
        }
        #expect(cells.count > 300)
    }

    @Test func `fail where the policy is another`() throws {
        let expectations = try PolicyExpectations(String(decoding: try Files.read(Self.path), as: UTF8.self))
        let narrower = PolicyEngine(
            manifest: try PolicyManifest(try shippedManifest().with(["rbac", "Analyst"], ["view_artifacts_masked"])))
        let failed = expectations.outcomes(narrower).filter { !$0.holds }
        #expect(failed.count > 20 && failed.allSatisfy { $0.line.text.hasPrefix("Analyst ") })
    }

    @Test func `hold for verdict and rule together, where a rule is expected`() throws {
        let lines = """
            Viewer create_run => deny
            Viewer create_run => deny rbac.create_run.Viewer
            Viewer create_run => deny rbac.create_run.Analyst
            Viewer create_run => allow rbac.create_run.Viewer
            Viewer view_artifacts_masked => allow
            """
        let outcomes = try PolicyExpectations(lines).outcomes(try shippedEngine())
        #expect(outcomes.map(\.holds) == [true, true, false, false, false])
    }

    @Test func `are refused line by line when they are none`() {
        #expect(mistake("") == "The file expects nothing.")
        #expect(mistake("# a remark\n\n") == "The file expects nothing.")
        for (line, word) in [
            ("Viewer create_run deny", "=> is missing"), ("Viewer => deny", "a role and an action"),
            ("Viewer create_run => perhaps", "allow, mask or deny"),
            ("Viewer create_run => deny a b", "nothing is expected"),
            ("Viewer create_run colour=red => deny", "colour"), ("Viewer create_run mode => deny", "mode"),
            ("Viewer create_run local=yes => deny", "local"), ("Viewer create_run rows=1/2 => deny", "three numbers"),
            ("Viewer create_run rows=a/b/c => deny", "three numbers"),
            ("Viewer create_run mode=a mode=b => deny", "twice"), ("=> deny", "a role and an action"),
        ] {
            let message = mistake("Viewer create_run => deny\n\(line)\n") ?? ""
            #expect(message.hasPrefix("line 2: ") && message.contains(word), "\(line): \(message)")
        }
        let many = String(repeating: "x\n", count: 50)
        #expect(mistake(many)?.contains("and 30 more") == true)
    }

    @Test func `of hostile bytes never crash`() throws {
        let engine = try shippedEngine()
        var state: UInt64 = 46
        for _ in 0..<2000 {
            var text = "Viewer create_run"
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let pieces = [
                    " ", "=", "=>", "class=", "\u{0}", "\n", "#", "rows=nan/1/1", "/", "é", "usd=1e999/0/0", "mode=",
                ]
                text += pieces[Int((state >> 33) % UInt64(pieces.count))]
            }
            if let expectations = try? PolicyExpectations(text + " => deny") { _ = expectations.outcomes(engine) }
        }
    }
}

@Suite struct `A difference of two manifests` {
    private func manifest(_ change: (JSON) -> JSON = { $0 }) throws -> PolicyManifest {
        try PolicyManifest(change(try shippedManifest()))
    }

    @Test func `of equal ones is empty`() throws {
        let difference = PolicyDifference(from: try manifest(), to: try manifest())
        #expect(difference.isEmpty && difference.changes.isEmpty && difference.settings.isEmpty)
    }

    @Test func `tells what is newly allowed and denied, cell by cell, and no other cell`() throws {
        let narrow = try manifest {
            $0.with(["rbac", "Operator"], ["view_artifacts_masked", "create_run", "approve_destructive"])
                .with(["capabilities", "data_mode", "analysis_checks"], ["logical", "nulls"])
        }
        let difference = PolicyDifference(from: try manifest(), to: narrow)
        let denied = difference.changes.filter { $0.kind == .nowDenied }.map(\.cell)
        #expect(difference.changes.count == denied.count)
        let expected =
            ["view_pii_unmasked", "promote_domain", "release_quarantine"].map { "Operator \($0)" }
            + ["Analyst", "Operator", "Maintainer", "Admin"].flatMap { role in
                ["feasibility", "coverage", "duplicates", "statistics"].map {
                    "\(role) analyse mode=data_mode resource=\($0)"
                } + ["coverage", "duplicates", "statistics"].map { "\(role) call_check mode=data_mode resource=\($0)" }
            }
        #expect(denied.sorted() == expected.sorted())
        let back = PolicyDifference(from: narrow, to: try manifest())
        #expect(back.changes.map(\.cell) == difference.changes.map(\.cell))
        #expect(back.changes.allSatisfy { $0.kind == .nowAllowed && $0.after.isAllowed && !$0.before.isAllowed })
    }

    @Test func `tells what is done otherwise to a class, where a provider is allowed, and other values`() throws {
        let after = try manifest {
            $0.with(["pii", "classes", "contact.email", "action"], "drop").with(["previews", "k"], 9)
                .with(["users", "bob"], "Analyst")
        }
        let difference = PolicyDifference(from: try manifest(), to: after)
        #expect(
            difference.changes.map(\.cell) == [
                "Analyst call_provider mode=data_mode provider=local local class=contact.email"
            ])
        let change = try #require(difference.changes.first)
        #expect(change.kind == .otherwise && change.after.rule.id == "pii.contact.email.drop")
        #expect(
            difference.settings.map(\.path) == ["/pii/classes/contact.email/action", "/previews/k", "/users/bob"])
        #expect(difference.settings.last?.old == nil && difference.settings.last?.new == "Analyst")
        #expect(difference.json["changes"]?.arrayValue?.first?["kind"] == "changed")
        #expect(difference.json["from"]?.stringValue?.hasPrefix("pm_default@1.0.0+") == true)
    }

    @Test func `tells of origins, regions and jurisdictions`() throws {
        let before = try manifest {
            $0.with(["providers", "allow"], ["cloud"]).with(["egress", "allow"], ["https://us.example"])
        }
        let after = try manifest {
            $0.with(["providers", "allow"], ["cloud"]).with(["egress", "allow"], ["https://us.example"])
                .with(["jurisdictions", "eu", "enabled"], true)
        }
        let denied = PolicyDifference(from: before, to: after).changes
        #expect(denied.allSatisfy { $0.kind == .nowDenied && $0.after.rule.id == "jurisdiction.eu" })
        #expect(denied.contains { $0.cell.hasSuffix("provider=cloud origin=https://us.example class=contact.email") })
        #expect(!denied.contains { $0.cell.hasSuffix("class=organization.name") || $0.cell.contains(" local ") })
    }
}
