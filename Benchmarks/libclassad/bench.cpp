// The same measurements as Sources/classad-bench, of HTCondor's own library.
// Built by ../classads against an installed or built HTCondor.

#include "condor_common.h"
#include "condor_config.h"
#include "compat_classad.h"
#include "compat_classad_util.h"
#include "classad/classad_distribution.h"
#include "classad/matchClassad.h"
#include <malloc.h>
#include <time.h>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

using std::string;
using std::vector;

static long cpu_ns() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static long elapsed(long count, const std::function<void()> &work) {
    long start = cpu_ns();
    for (long i = 0; i < count; i++) work();
    return cpu_ns() - start;
}

static void report(const char *name, const std::function<void()> &work) {
    long batch = 1;
    while (elapsed(batch, work) < 10000000) batch *= 2;
    batch *= 10;
    double best = 1e300;
    for (int i = 0; i < 7; i++) best = std::min(best, double(elapsed(batch, work)) / batch);
    printf("%s %.1f\n", name, best);
}

static vector<string> lines_of(const string &path) {
    vector<string> lines;
    std::ifstream file(path);
    for (string line; std::getline(file, line);)
        if (!line.empty()) lines.push_back(line);
    return lines;
}

static void take_in(ClassAd &ad, const vector<string> &lines, bool cache) {
    for (const auto &line : lines) InsertLongFormAttrValue(ad, line.c_str(), cache);
}

static long used_bytes() {
    malloc_trim(0);
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static size_t sink;

int main(int argc, char **argv) {
    string folder = argc > 1 ? argv[1] : "data";
    classad::SetOldClassAdSemantics(true);
    ClassAdReconfig();
    auto slot_text = lines_of(folder + "/startd-25.14.long"), job_text = lines_of(folder + "/job.long");
    ClassAd slot, job;
    take_in(slot, slot_text, false);
    take_in(job, job_text, false);
    vector<string> wire_text;
    classad::ClassAdUnParser unparser;
    unparser.SetOldClassAd(true, true);
    for (auto it = slot.begin(); it != slot.end(); ++it) {
        string text = it->first + " = ";
        unparser.Unparse(text, it->second);
        wire_text.push_back(text);
    }
    for (auto &[name, lines] : {std::make_pair("long", &slot_text), std::make_pair("wire", &wire_text)}) {
        string label = string("take-in-") + name;
        report(label.c_str(), [&] { ClassAd ad; take_in(ad, *lines, false); sink += ad.size(); });
        label += "-pool";
        ClassAd kept;
        take_in(kept, *lines, true);
        report(label.c_str(), [&] { ClassAd ad; take_in(ad, *lines, true); sink += ad.size(); });
    }
    string new_text;
    classad::ClassAdUnParser new_unparser;
    new_unparser.Unparse(new_text, &slot);
    report("parse-new", [&] {
        classad::ClassAdParser parser;
        ClassAd ad;
        parser.ParseClassAd(new_text, ad, true);
        sink += ad.size();
    });

    if (!IsAMatch(&job, &slot)) { fprintf(stderr, "the job must fit the slot\n"); return 1; }
    report("match", [&] { sink += IsAMatch(&job, &slot); });
    {
        classad::MatchClassAd kept(&job, &slot);
        bool accepts = false;
        report("job-requirements", [&] { job.EvaluateAttrBool("Requirements", accepts); sink += accepts; });
        if (!accepts) return 1;
        report("slot-requirements", [&] { slot.EvaluateAttrBool("Requirements", accepts); sink += accepts; });
        if (!accepts) return 1;
        kept.RemoveLeftAd();
        kept.RemoveRightAd();
    }
    for (auto &[name, text] : {std::make_pair("constraint", "Cpus >= 1 && Memory >= 1024 && Arch == \"X86_64\""),
                               std::make_pair("constraint-regexp", "regexp(\"^slot1@\", Name)")}) {
        classad::ExprTree *tree = nullptr;
        ParseClassAdRvalExpr(text, tree);
        bool holds = false;
        report(name, [&] {
            classad::Value value;
            EvalExprTree(tree, &slot, nullptr, value, classad::Value::ValueType::SAFE_VALUES);
            value.IsBooleanValueEquiv(holds);
            sink += holds;
        });
        if (!holds) { fprintf(stderr, "the constraint must hold\n"); return 1; }
    }
    report("print-old", [&] {
        for (auto it = slot.begin(); it != slot.end(); ++it) {
            string text = it->first + " = ";
            unparser.Unparse(text, it->second);
            sink += text.size();
        }
    });
    report("print-json", [&] { string text; sPrintAdAsJson(text, slot); sink += text.size(); });

    for (bool cache : {false, true}) {
        const int count = 5000;
        vector<ClassAd *> ads;
        ads.reserve(count);
        auto lines = slot_text;
        size_t index = 0;
        while (lines[index].compare(0, 7, "Name = ") != 0) index++;
        long before = used_bytes();
        for (int i = 0; i < count; i++) {
            lines[index] = "Name = \"slot1@node" + std::to_string(i) + ".example.net\"";
            auto *ad = new ClassAd;
            take_in(*ad, lines, cache);
            ads.push_back(ad);
        }
        long after = used_bytes();
        printf("%s %ld\n", cache ? "bytes-per-ad-cached" : "bytes-per-ad", (after - before) / count);
    }
    return sink == 0;
}
