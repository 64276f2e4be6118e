internal import Contracts
internal import Foundations
internal import Supervisor

/// One command over one home, which is opened only when the command line says all that it must.
struct Session {
    let invocation: Invocation
    let open: ServiceFactory
    let console: Console
    let context: Context
    let interruption: Interruption

    var reports: Reports { Reports(style: console.outStyle, home: invocation.home) }

    /// Largest contract that is read.
    private static let contractLimit = 16 << 20

    func perform() throws(SluiceError) -> Int32 {
        if [.run, .policyCheck, .cost].contains(invocation.verb) { return try withContract() }
        // An export is verified without a home.
        if invocation.verb == .ledger { return try ledger() }
        if invocation.verb == .pluginConformance { return try conformance() }
        if invocation.verb == .artifactsPromote { try requireReason() }
        // What the command line must say, before a home is opened.
        let edited = invocation.verb == .policyEdit ? try policyDocument() : nil
        let page = invocation.verb == .quarantine ? try quarantinePage() : nil
        if let status = try authorPlugin() { return status }
        if let status = try newPlugin() { return status }
        let service = try open(invocation.home, context)
        switch invocation.verb {
        case .resume: return try drive(try named(service), service)
        case .decide: try decide(service)
        case .stop:
            let answer = try service.stop(try named(service))
            let isDriven = answer["stop_requested"]?.boolValue ?? false
            let said: Text = isDriven ? "The run stops at its next safe point." : "The run is stopped."
            emit(answer, people: [said] + hint("resume"))
        case .runs:
            let runs = try service.runs()
            emit(runs, people: reports.runs(runs))
        case .show:
            let run = try service.show(try named(service))
            emit(run, people: reports.show(run))
        case .artifacts:
            let artifacts = try service.artifacts(try named(service))
            emit(artifacts, people: reports.artifacts(artifacts))
        case .artifactsGC: try collectArtifacts(service)
        case .artifactsPromote: try promoteArtifact(service)
        case .artifact:
            let artifact = try service.artifact((invocation.operand(0) ?? "").lowercased())
            emit(artifact, people: reports.document(artifact))
        case .quarantine: try showQuarantine(service, page ?? QuarantinePage())
        case .policyShow, .policyHistory, .policyEdit, .policyRevert: try changePolicy(service, edited)
        case .pluginList:
            let plugins = try service.plugins()
            emit(plugins, people: reports.plugins(plugins))
        case .pluginShow:
            let plugin = try service.plugin(invocation.operand(0) ?? "")
            emit(plugin, people: reports.document(plugin))
        case .pluginRetry:
            let answer = try service.retryPlugin(invocation.operand(0) ?? "")
            emit(answer, people: reports.retry(answer))
        case .pluginInstall: return try installPlugin(service)
        case .pluginVerify: return try verifyPlugins(service)
        case .pluginEnable, .pluginDisable, .pluginRemove, .pluginKeys, .pluginTrust, .pluginRevoke:
            try changePlugins(service)
        case .policyExplain: try explainPolicy(service)
        case .policyDiff: try comparePolicies(service)
        case .policyTest: return try testPolicy(service)
        case .pluginKeygen, .pluginSign, .pluginPack, .pluginNew, .pluginSDK: break
        case .run, .ledger, .policyCheck, .cost, .pluginConformance, .dslCheck, .dslExplain, .dslRun, .dslCompile,
            .dslDiff, .dslElt,
            .dslMatrix, .mask, .evalPII, .evalProviders, .errors,
            .completions, .help, .version:
            break
        }
        return ExitStatus.done
    }

    func emit(_ json: JSON, people: @autoclosure () -> [Text]) {
        if invocation.json { console.print(json) } else { console.print(people()) }
    }

    /// The run that the first operand names.
    func named(_ service: any Service) throws(SluiceError) -> ULID {
        try service.find(invocation.operand(0) ?? "")
    }

    private func hint(_ verb: String) -> [Text] {
        ["Next: sluice \(verb) \(invocation.operand(0) ?? "")\(reports.homeOption)"]
    }

    // MARK: run, policy check, cost, resume

    private func withContract() throws(SluiceError) -> Int32 {
        let request = try request()
        let service = try open(invocation.home, context)
        let contract: RunContract
        switch request {
        case .document(let document): contract = try service.contract(document)
        case .shorthand(let shorthand): contract = try service.contract(shorthand)
        }
        if invocation.verb == .policyCheck {
            let verdict = try service.policyCheck(contract)
            emit(verdict, people: reports.policy(verdict))
            return verdict["allowed"]?.boolValue ?? false ? ExitStatus.done : ExitStatus.policyBlock
        }
        if invocation.verb == .cost {
            let cost = try service.cost(contract)
            emit(cost, people: reports.cost(cost))
            return ExitStatus.done
        }
        if invocation.has("explain") {
            let explanation = try service.explain(contract)
            emit(explanation, people: reports.explanation(explanation))
            return ExitStatus.done
        }
        let run = try service.submit(contract)
        let known = try service.summary(run)
        return known.state == "done" ? finish(known) : try drive(run, service)
    }

    private func drive(_ run: ULID, _ service: any Service) throws(SluiceError) -> Int32 {
        interruption.begin()
        let observer = ProgressReporter(
            console: console, clock: context.monotonic, stopRequested: interruption.isRequested,
            stopSignal: interruption.stopSignal)
        defer { observer.finish() }
        // For `run` --lane is the contract's hint.
        let lane = invocation.verb == .resume ? invocation.text("lane").flatMap(Lane.init(rawValue:)) : nil
        let options = DriveOptions(confirm: invocation.has("yes"), fresh: invocation.has("fresh"), lane: lane)
        let summary = try service.drive(run, options: options, observer: observer)
        observer.finish()
        return finish(summary)
    }

    /// Prints how a run stands; a failed one's error goes into the one JSON document, or to standard error.
    private func finish(_ summary: RunSummary) -> Int32 {
        let status = ExitStatus.of(summary)
        let failure = status == ExitStatus.done || status == ExitStatus.held ? nil : summary.error
        var document = summary.json
        if let failure, var members = document.objectValue {
            members["error"] = failure.json
            document = .object(members)
        }
        emit(document, people: reports.summary(document))
        if let failure, !invocation.json { console.report(failure) }
        return status
    }

    // MARK: The contract

    private enum ContractRequest {
        case document(JSON)
        case shorthand(Shorthand)
    }

    private func request() throws(SluiceError) -> ContractRequest {
        let given = Option.shorthand.map(\.name).filter { invocation.has($0) }
        if let file = invocation.operand(0) {
            if let first = given.first {
                throw usage("--\(first) cannot stand beside CONTRACT.json: write it into the contract.")
            }
            return .document(try read(file))
        }
        guard let lhs = invocation.text("lhs") else {
            throw usage(given.isEmpty ? "CONTRACT.json, or --lhs and --rhs, is missing." : "--lhs is missing.")
        }
        guard let rhs = invocation.text("rhs") else { throw usage("--rhs is missing.") }
        return .shorthand(shorthand(lhs: lhs, rhs: rhs))
    }

    private func read(_ file: String) throws(SluiceError) -> JSON {
        let path = file == "-" ? "/dev/stdin" : file
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(path, limit: Self.contractLimit)
        } catch {
            throw SluiceError(
                .contractInvalid, "The contract cannot be read: \(error.reason).",
                hint: "Check the path of CONTRACT.json and its permissions.")
        }
        return try JSONParser.parse(bytes, name: "contract")
    }

    private func shorthand(lhs: String, rhs: String) -> Shorthand {
        var shorthand = Shorthand(lhs: lhs, rhs: rhs)
        if let mode = invocation.text("mode").flatMap(Mode.init(rawValue:)) { shorthand.mode = mode }
        shorthand.lane = invocation.text("lane").flatMap(Lane.init(rawValue:))
        if let routing = invocation.text("routing").flatMap(RoutingProfile.init(rawValue:)) {
            shorthand.routing = routing
        }
        if let thresholds = invocation.text("thresholds") { shorthand.thresholds = thresholds }
        shorthand.sampleRows = invocation.text("sample-rows").flatMap { Int64($0) }
        shorthand.tags = invocation.list("tag")
        shorthand.idempotencyKey = invocation.text("idempotency-key")
        shorthand.createdAt = invocation.text("created-at")
        shorthand.plan = invocation.text("plan")
        return shorthand
    }

    func usage(_ message: String) -> SluiceError {
        SluiceError(.usage, message, hint: "See `sluice help \(invocation.verb.rawValue)`.")
    }

    // MARK: decide

    private func decide(_ service: any Service) throws(SluiceError) {
        guard let stage = invocation.operand(1).flatMap({ Stage(name: $0) }),
            let decision = invocation.operand(2).flatMap(GateDecision.init(rawValue:))
        else { throw usage("STAGE or DECISION is missing.") }
        let run = try named(service)
        let answer = try service.decide(
            run, stage: stage, decision: decision, seen: invocation.text("seen"), reason: invocation.text("reason"))
        let verdict = Text(verbatim: decision.rawValue).painted(.of(decision.rawValue), console.outStyle)
        if invocation.json { return console.print(answer) }
        let said: Text = "Decided \(verdict) at \(stage.rawValue)."
        // The next gate may wait for a person as well.
        let isHeld = answer["state"]?.stringValue == "held"
        let hold = isHeld ? try service.summary(run).json["hold"] ?? .null : .null
        let next: [Text] = isHeld ? [] : hint(answer["state"]?.stringValue == "ready" ? "resume" : "show")
        console.print([said] + next + (isHeld ? reports.held(hold, run: run.description) : []))
    }
}
