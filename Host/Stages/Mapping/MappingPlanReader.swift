internal import Contracts
internal import Foundations
internal import Transform

extension MappingPlan {
    /// A plan from the content of its artifact; strict, so that no other plan runs than the one that was decided upon.
    ///
    /// Unknown keys, a pipeline whose hash, target or sources differ from what stands beside it, and target columns
    /// that are named twice or not at all are mistakes.
    /// - Throws: `artifact.corrupt` that names every mistake by JSON pointer.
    init(json: JSON) throws(SluiceError) {
        let mistakes = MistakeList()
        let reader = JSONReader(json, mistakes: mistakes)
        let target = reader.value("target")
        let columns = reader.object("target").map(Self.columnNames) ?? []
        let entries = reader.objects("mappings").map(Entry.read)
        let unmappedSources = reader.strings("unmapped_sources")
        let unmappedTargets = reader.objects("unmapped_targets").map { entry in
            let read = UnmappedTarget(name: entry.text("name") ?? "", isRequired: entry.bool("required") ?? true)
            entry.finish()
            return read
        }
        let decision = MappingDecision.read(reader)
        let reused = reader.text("reused_from", required: false)
        if let reused, SHA256.Digest(hex: reused) == nil {
            reader.mistake("reused_from", "the hash of a Mapping Plan is expected")
        }
        let compiled = reader.value("compiled", required: false)
        let named = (entries.compactMap { $0?.target } + unmappedTargets.map(\.name)).sorted()
        if mistakes.mistakes.isEmpty, named != columns.sorted() {
            reader.mistake("mappings", "mappings and unmapped_targets do not name every target column once")
        }
        reader.finish()
        try mistakes.raise(.artifactCorrupt, "The Mapping Plan")
        // Without mistakes every value was read; the guard states it for the compiler.
        guard let target, let unmappedSources, let decision else {
            throw SluiceError(.artifactCorrupt, "The Mapping Plan is incomplete.")
        }
        self.init(
            target: target, entries: entries.compactMap { $0 }, unmappedSources: unmappedSources,
            unmappedTargets: unmappedTargets, decision: decision,
            reusedFrom: reused.flatMap(SHA256.Digest.init(hex:)), compiled: compiled)
    }

    /// The rest of the table's shape is compared as a whole with the table that there is when rows are to be written.
    private static func columnNames(_ table: JSONReader) -> [String] {
        _ = table.text("table")
        return table.objects("columns").compactMap { $0.text("name") }
    }
}

extension MappingPlan.Entry {
    /// Nil after a mistake.
    static func read(_ reader: JSONReader) -> MappingPlan.Entry? {
        let target = reader.text("target")
        let sources = reader.strings("sources")
        let strategy = reader.choice("strategy", MappingStrategy.self)
        let hash = reader.text("plan_hash")
        var plan: Plan?
        if let json = reader.value("plan") {
            do { plan = try Plan(json: json) } catch { reader.mistake("plan", error.message) }
        }
        if let plan {
            if plan.hash.hex != hash { reader.mistake("plan_hash", "it is not the hash of the plan") }
            if plan.target != target { reader.mistake("plan", "it makes another column than target names") }
            if plan.inputs != sources { reader.mistake("plan", "it reads other columns than sources names") }
        }
        let confidence = reader.double("confidence", in: 0...1)
        let rationale = reader.string("rationale")
        let sample = reader.object("sample", required: false).flatMap(SampleResult.read)
        let examples = reader.objects("examples").map { entry in
            let example = MappingPlan.Example(before: entry.strings("before") ?? [], after: entry.string("after") ?? "")
            entry.finish()
            return example
        }
        let decision = MappingDecision.read(reader)
        let proposer = reader.object("proposed_by", required: false)
        let origin = proposer.flatMap { ModelOrigin($0) }
        proposer?.finish()
        reader.finish()
        guard let target, let sources, let strategy, let plan, let confidence, let rationale, let decision else {
            return nil
        }
        return MappingPlan.Entry(
            target: target, sources: sources, strategy: strategy, plan: plan, confidence: confidence,
            rationale: rationale, sample: sample, examples: examples, decision: decision, origin: origin)
    }
}

extension SampleResult {
    static func read(_ reader: JSONReader) -> SampleResult? {
        let rows = reader.int("rows", in: 0...Int64(Int32.max))
        let failed = reader.int("failed", in: 0...(rows ?? 0))
        let rate = reader.double("success_rate", required: false, in: 0...1)
        var errors: [String: Int] = [:]
        if let counts = reader.object("errors") {
            for reason in counts.keys {
                if let count = counts.int(reason, in: 1...Int64(Int32.max)) { errors[reason] = Int(count) }
            }
        }
        guard let rows, let failed else { return nil }
        let result = SampleResult(rows: Int(rows), failed: Int(failed), errors: errors)
        if rate != result.successRate { reader.mistake("success_rate", "it does not follow from the counts") }
        if errors.values.reduce(0, +) != result.failed {
            reader.mistake("errors", "they do not add up to the failed rows")
        }
        reader.finish()
        return result
    }
}

extension MappingDecision {
    /// From the keys `decision` and `reasons` of an object.
    static func read(_ reader: JSONReader) -> MappingDecision? {
        let decision = reader.choice("decision", GateDecision.self)
        if let decision, ![.accept, .hold, .fix].contains(decision) {
            reader.mistake("decision", "one of accept, hold, fix is expected")
        }
        guard let decision, let reasons = reader.strings("reasons") else { return nil }
        return MappingDecision(decision: decision, reasons: reasons)
    }
}
