/**
 * The frames of deal memos, a function a language and act: made by scripts/memo_templates.py of
 * registry/drafting/memo/*.txt.jinja, and not to be changed by hand. What is not in `it` is undefined.
 */

/* eslint-disable */
/** @typedef {{[name: string]: any}} Values */
/** @typedef {import("./render.js").Helpers} Helpers */

/** @param {Values} it @param {Helpers} h */
function create_en(it, h) {
  let text = "";
  text += "DEAL MEMO\n\nWhat you are asked to sign, in plain words: that a digital twin of you is made. The signed terms are the contract; this says what is in them.\n\nWITH WHOM\n  Who makes it: " + h.text(it.consent.parties.maker) + ".";
  if (h.holds(it.consent.parties.guardian)) {
    text += "\n  Your guardian signs too: " + h.text(it.consent.parties.guardian) + ".";
  }
  if (h.holds(it.terms.profile)) {
    text += "\n  Which law or agreement it follows, besides this registry's: " + h.text(h.words("profile", [it.terms.profile])) + ".";
  }
  text += "\n\nWHAT IS MADE OF YOU\n  " + h.text(h.flat(it.terms.description)) + "\n\n  How: " + h.text(h.words("methods", it.terms.methods)) + ".\n  Training of AI with the recordings: " + h.text(h.pick({ "none": "not allowed", "own_twin": "only to make your own twin", "allow": "allowed" }, it.terms.training)) + ".\n  Nobody may use the twin by this: every use takes a consent of its own, which you sign with whoever uses it.\n\nUNTIL WHEN\n  You are recorded from " + h.text(h.instant(it.terms.starts)) + " until " + h.text(h.instant(it.terms.ends)) + ", the last not included.";
  if (h.holds(!h.holds((it.terms.delete_by === undefined)))) {
    text += "\n  The raw recordings are deleted by " + h.text(h.instant(it.terms.delete_by)) + ".";
  } else {
    text += "\n  When the raw recordings are deleted is not agreed.";
  }
  text += "\n\nFOR HOW MUCH";
  if (h.holds(it.money)) {
    for (const fee of it.fees) {
      text += "\n  " + h.text(fee);
    }
    text += "\n  The maker pays. It is divided:";
    for (const split of it.shares) {
      text += "\n    " + h.text(split);
    }
    text += "\n  It is due " + h.text(it.money.due.days) + " " + h.text((h.holds(h.same(it.money.due.days, 1)) ? "day" : "days")) + " after it arose, if nothing else is said with it.";
  } else {
    text += "\n  This says nothing of money.";
  }
  text += "\n  What uses of the twin cost is agreed with each of them.\n\nHOW TO WITHDRAW\n  You can withdraw at any time, without giving a reason: log a revocation (`registry revoke`). An agency whose mandate has the power to revoke can do it for you.\n  It takes effect at once when it is logged, and ends every consent to the use of a twin that was made by this, after the notice and with the sell-off of each.\n  What was earned until then stays due.";
  if (h.holds((h.holds(it.money) && h.holds(it.signed)))) {
    text += " What was owed with the signatures stays owed after a withdrawal.";
  }
  if (h.holds((h.holds(it.money) && h.holds(it.dated)))) {
    text += " Fees on a date after that are not owed any more.";
  }
  text += "\n\nHOW YOU WERE ADVISED\n  You were given these terms, in " + h.text(h.language(it.terms.language)) + ", on " + h.text(h.instant(it.terms.delivered)) + ". Advice: " + h.text(h.pick({ "counsel": "by a lawyer", "union": "by a union", "none": "none" }, it.terms.advice)) + ".\n";
  return text;
}

/** @param {Values} it @param {Helpers} h */
function create_id(it, h) {
  let text = "";
  text += "MEMO PERJANJIAN\n\nApa yang diminta untuk Anda tanda tangani, dengan kata-kata sederhana: bahwa kembaran digital Anda dibuat. Kontraknya adalah syarat yang ditandatangani; memo ini menerangkan isinya.\n\nDENGAN SIAPA\n  Pembuatnya: " + h.text(it.consent.parties.maker) + ".";
  if (h.holds(it.consent.parties.guardian)) {
    text += "\n  Wali Anda ikut menandatangani: " + h.text(it.consent.parties.guardian) + ".";
  }
  if (h.holds(it.terms.profile)) {
    text += "\n  Hukum atau perjanjian yang diikuti, di samping yang berlaku di registri ini: " + h.text(h.words("profile", [it.terms.profile])) + ".";
  }
  text += "\n\nAPA YANG DIBUAT DARI ANDA\n  " + h.text(h.flat(it.terms.description)) + "\n\n  Caranya: " + h.text(h.words("methods", it.terms.methods)) + ".\n  Pelatihan AI dengan rekaman itu: " + h.text(h.pick({ "none": "tidak boleh", "own_twin": "hanya untuk membuat kembaran Anda sendiri", "allow": "boleh" }, it.terms.training)) + ".\n  Dengan ini belum ada yang boleh memakai kembaran Anda: setiap pemakaian memerlukan persetujuan tersendiri, yang Anda tanda tangani dengan pemakainya.\n\nSAMPAI KAPAN\n  Anda direkam dari " + h.text(h.instant(it.terms.starts)) + " sampai " + h.text(h.instant(it.terms.ends)) + ", yang terakhir tidak termasuk.";
  if (h.holds(!h.holds((it.terms.delete_by === undefined)))) {
    text += "\n  Rekaman mentah dihapus paling lambat " + h.text(h.instant(it.terms.delete_by)) + ".";
  } else {
    text += "\n  Kapan rekaman mentah dihapus tidak disepakati.";
  }
  text += "\n\nBERAPA BAYARANNYA";
  if (h.holds(it.money)) {
    for (const fee of it.fees) {
      text += "\n  " + h.text(fee);
    }
    text += "\n  Pembuatnya yang membayar. Pembagiannya:";
    for (const split of it.shares) {
      text += "\n    " + h.text(split);
    }
    text += "\n  Jatuh tempo " + h.text(it.money.due.days) + " hari setelah timbul, bila tidak disebut lain di situ.";
  } else {
    text += "\n  Di sini tidak diatur soal uang.";
  }
  text += "\n  Bayaran atas pemakaian kembaran disepakati dalam setiap persetujuan pemakaian.\n\nCARA MENARIK PERSETUJUAN\n  Anda dapat menariknya kapan saja, tanpa alasan: catat sebuah pencabutan (`registry revoke`). Agensi yang mandatnya memuat kuasa untuk mencabut dapat melakukannya untuk Anda.\n  Berlaku seketika saat dicatat, dan mengakhiri setiap persetujuan pemakaian kembaran yang dibuat dengan ini, setelah tenggang waktu dan masa jual habis masing-masing.\n  Yang sudah menjadi hak sampai saat itu tetap harus dibayar.";
  if (h.holds((h.holds(it.money) && h.holds(it.signed)))) {
    text += " Yang terutang dengan penandatanganan tetap terutang setelah penarikan.";
  }
  if (h.holds((h.holds(it.money) && h.holds(it.dated)))) {
    text += " Biaya pada tanggal sesudahnya tidak terutang lagi.";
  }
  text += "\n\nBAGAIMANA ANDA DIBERI NASIHAT\n  Anda menerima syarat ini, dalam bahasa " + h.text(h.language(it.terms.language)) + ", pada " + h.text(h.instant(it.terms.delivered)) + ". Nasihat: " + h.text(h.pick({ "counsel": "dari pengacara", "union": "dari serikat", "none": "tidak ada" }, it.terms.advice)) + ".\n";
  return text;
}

/** @param {Values} it @param {Helpers} h */
function en(it, h) {
  let text = "";
  text += "DEAL MEMO\n\nWhat you are asked to sign, in plain words. The signed terms are the contract; this says what is in them.\n\nWITH WHOM\n  The brand: " + h.text(it.consent.parties.licensee) + ".\n  Your twin: " + h.text(it.consent.twin) + ".";
  if (h.holds(it.consent.parties.agency)) {
    text += "\n  Your agency takes part: " + h.text(it.consent.parties.agency) + ".";
  }
  if (h.holds(it.consent.parties.guardian)) {
    text += "\n  Your guardian signs too: " + h.text(it.consent.parties.guardian) + ".";
  }
  if (h.holds(it.consent.sublicensees)) {
    text += "\n  These may use it for the brand: " + h.text(h.join(it.consent.sublicensees, ", ")) + ".";
  }
  if (h.holds(h.same(it.consent.sublicense, "countersigned"))) {
    text += "\n  Others may use it for the brand too, if the brand signs each of their uses with them.";
  }
  if (h.holds(it.consent.providers)) {
    text += "\n  These may attest that you were paid: " + h.text(h.join(it.consent.providers, ", ")) + ".";
  }
  if (h.holds(it.consent.parties.union)) {
    text += "\n  Your union may suspend this consent: " + h.text(it.consent.parties.union) + ".";
  }
  if (h.holds(it.consent.parties.arbiter)) {
    text += "\n  Disputes are decided by: " + h.text(it.consent.parties.arbiter) + ".";
  }
  if (h.holds(it.consent.replaces)) {
    text += "\n  This takes the place of an earlier consent as soon as it is logged: " + h.text(it.consent.replaces) + ".";
    if (h.holds(it.flat)) {
      text += " A fixed fee is owed again.";
    }
  }
  if (h.holds(it.consent.renews)) {
    text += "\n  This renews an earlier consent and takes its place as soon as it is logged: " + h.text(it.consent.renews) + ". What was counted under that begins anew.";
    if (h.holds(it.flat)) {
      text += " A fixed fee is owed again.";
    }
  }
  if (h.holds(!h.holds((it.consent.exercise_by === undefined)))) {
    text += "\n  This is an option. Nothing may be used before the brand takes it, and it must do so before " + h.text(h.instant(it.consent.exercise_by)) + ". If it does not, this ends then";
    if (h.holds(it.exclusive)) {
      text += ", keeps nobody else out any longer";
    }
    text += " and nothing is owed.";
  }
  if (h.holds(it.terms.profile)) {
    text += "\n  Which law or agreement it follows, besides this registry's: " + h.text(h.words("profile", [it.terms.profile])) + ".";
  }
  text += "\n\nWHAT MAY BE DONE WITH YOUR TWIN\n  " + h.text(h.flat(it.terms.description)) + "\n\n  What of you is used: " + h.text(h.words("rights", it.terms.rights)) + ".\n  What for: " + h.text(h.words("purposes", it.terms.purposes)) + ".\n  For: " + h.text(h.categories(it.terms.categories));
  if (h.holds(it.terms.categories_denied)) {
    text += ", but never " + h.text(h.categories(it.terms.categories_denied));
  }
  text += ".";
  if (h.holds(it.terms.products)) {
    text += "\n  Only these product lines: " + h.text(h.join(it.terms.products.map(h.flat), ", ")) + ".";
  }
  text += "\n  Where it is shown: " + h.text(h.words("channels", it.terms.channels)) + ".\n  Placed as: " + h.text(h.words("placements", it.terms.placements)) + ".\n  May be changed: " + h.text((h.holds(it.terms.allow) ? h.words("manipulations", it.terms.allow) : "nothing")) + ".";
  if (h.holds(it.terms.approve)) {
    text += "\n  May be changed only if you approve the result: " + h.text(h.words("manipulations", it.terms.approve)) + ".";
  }
  text += "\n  Whatever is not named here is not allowed.\n  New works made from earlier ones: " + h.text(h.pick({ "none": "not allowed", "approve": "only if you approve them", "allow": "allowed" }, it.terms.derivatives)) + ".\n  Training of AI: " + h.text(h.pick({ "none": "not allowed", "own_twin": "only of your own twin", "allow": "allowed" }, it.terms.training)) + ".";
  if (h.holds(h.same(it.terms.approval, "each"))) {
    text += "\n  Every file needs your approval before it is used.";
    if (h.holds(!h.holds((it.terms.silence === undefined)))) {
      text += " If nobody decides within " + h.text(h.duration(it.terms.silence)) + " of its declaration, and the use begins no sooner than that, it counts as approved; else silence refuses.";
    } else {
      text += " If you say nothing, it is refused.";
    }
  } else {
    text += "\n  Single files do not need your approval.";
  }
  if (h.holds(it.terms.caps)) {
    text += "\n  At most: " + h.text(h.caps(it.terms.caps)) + ".";
    if (h.holds(it.terms.overage)) {
      text += " More is allowed, at the price below, of: " + h.text(h.words("overage", it.terms.overage)) + ".";
    }
  }
  text += "\n  A label that says it was made by AI: " + h.text(h.pick({ "none": "not agreed", "visible": "must be visible", "marked": "must be in the file", "both": "must be visible and in the file" }, it.terms.label)) + ".\n\nWHERE\n  " + h.text(h.sentence(h.countries(it.terms.countries)));
  if (h.holds(it.terms.countries_excluded)) {
    text += ", but not: " + h.text(h.countries(it.terms.countries_excluded));
  }
  text += ".";
  if (h.holds(it.terms.spill)) {
    text += "\n  Up to " + h.text(it.terms.spill) + " of every 10,000 times that it is shown may fall outside.";
  }
  text += "\n\nUNTIL WHEN\n  From " + h.text(h.instant(it.terms.starts)) + " until " + h.text(h.instant(it.terms.ends)) + ", the last not included.";
  if (h.holds(it.terms.run)) {
    text += "\n  Within that it ends " + h.text(h.span(it.terms.run)) + " after the first use begins.";
  }
  if (h.holds(it.terms.late_window)) {
    text += "\n  A use may be declared up to " + h.text(h.duration(it.terms.late_window)) + " after it began.";
  }
  if (h.holds(it.terms.sell_off)) {
    text += "\n  What runs already may go on for " + h.text(h.duration(it.terms.sell_off)) + " after the end or after a withdrawal.";
  }
  text += "\n\nFOR HOW MUCH";
  for (const fee of it.fees) {
    text += "\n  " + h.text(fee);
  }
  text += "\n  It is divided:";
  for (const split of it.shares) {
    text += "\n    " + h.text(split);
  }
  text += "\n  It is due " + h.text(it.money.due.days) + " " + h.text((h.holds(h.same(it.money.due.days, 1)) ? "day" : "days")) + " after " + h.text(h.pick({ "declared": "the use is declared", "starts": "the use begins", "ends": "the use ends" }, it.money.due.from)) + ".";
  if (h.holds(it.unused)) {
    text += "\n  What is owed without a use is due " + h.text(it.money.due.days) + " " + h.text((h.holds(h.same(it.money.due.days, 1)) ? "day" : "days")) + " after it arose, if nothing else is said with it.";
  }
  if (h.holds(h.same(it.terms.pay_first, "session"))) {
    text += "\n  Nothing may be used before the fixed fees have arrived that are owed with the signatures or the first use, or that were due before it begins.";
  } else if (h.holds(h.same(it.terms.pay_first, "prepaid"))) {
    text += "\n  Nothing may be used before it is paid for.";
  }
  if (h.holds(!h.holds((it.terms.overdue_limit === undefined)))) {
    text += "\n  If money is more than " + h.text(it.terms.overdue_limit) + " days overdue, nothing may be used until it is paid.";
  }
  if (h.holds(it.exclusive)) {
    text += "\n\nWHAT NOBODY ELSE MAY DO\n  From " + h.text(h.instant(it.exclusive.starts)) + " until " + h.text(h.instant(it.exclusive.ends));
    if (h.holds(it.exclusive.hold_off)) {
      text += ", and for " + h.text(h.duration(it.exclusive.hold_off)) + " after it";
    }
    text += ", ";
    if (h.holds((it.exclusive.against === undefined))) {
      text += "no other brand";
    } else {
      text += "none of those named below, and nobody whom they control,";
    }
    text += " may use any twin of yours for " + h.text(h.categories(it.exclusive.categories)) + " in " + h.text(h.countries(it.exclusive.countries));
    if (h.holds(it.exclusive.countries_excluded)) {
      text += " (not " + h.text(h.countries(it.exclusive.countries_excluded)) + ")";
    }
    text += " on " + h.text(h.words("channels", it.exclusive.channels)) + ". You cannot take other work that meets this.";
    if (h.holds(!h.holds((it.exclusive.against === undefined)))) {
      text += "\n  Only these are kept out: " + h.text(h.join(it.exclusive.against, ", ")) + ".";
    }
    if (h.holds(it.exclusive.except)) {
      text += "\n  You may let these in all the same: " + h.text(h.join(it.exclusive.except, ", ")) + ".";
    }
    text += "\n  If you withdraw, this ends ";
    if (h.holds(it.exclusive.notice)) {
      text += h.text(h.duration(it.exclusive.notice)) + " after that is logged (at once, if this registry follows the law of the European Union)";
    } else {
      text += "at once";
    }
    text += ".";
    if (h.holds(!h.holds((it.exclusive.release === undefined)))) {
      text += "\n  If money is overdue you can end this alone, ";
      if (h.holds(it.exclusive.release)) {
        text += "with effect " + h.text(h.duration(it.exclusive.release)) + " after you have that logged";
      } else {
        text += "at once";
      }
      text += ": a revocation of the exclusivity only. The rest goes on.";
    }
  }
  text += "\n\nHOW TO WITHDRAW\n  You can withdraw at any time, without giving a reason: log a revocation (`registry revoke`). An agency whose mandate has the power to revoke can do it for you";
  if (h.holds(it.consent.parties.union)) {
    text += "; your union can suspend it";
  }
  text += ".";
  if (h.holds((h.holds(it.terms.notice) && h.holds(!h.same(it.terms.profile, "eu"))))) {
    text += "\n  It takes effect " + h.text(h.duration(it.terms.notice)) + " after it is logged (at once, if this registry follows the law of the European Union).";
  } else {
    text += "\n  It takes effect at once when it is logged.";
  }
  text += "\n  What was earned until then stays due.";
  if (h.holds(it.signed)) {
    text += " What " + h.text((h.holds(!h.holds((it.consent.exercise_by === undefined))) ? "the option brought when it was taken" : "was owed with the signatures")) + " stays owed after a withdrawal";
    if (h.holds(it.rata)) {
      text += ", as far as nothing else is said above";
    }
    text += ".";
  }
  if (h.holds(it.dated)) {
    text += " Fees on a date after that are not owed any more.";
  }
  text += "\n  The brand can end this too, at any time and at once: then it may not use your twin any longer";
  if (h.holds(it.exclusive)) {
    text += ", and nobody else is kept out for it";
  }
  text += ".";
  if (h.holds(it.dated)) {
    if (h.holds((it.money.break === undefined))) {
      text += " Fees on later dates are owed to you all the same.";
    } else if (h.holds(it.money.break.notice)) {
      text += " Fees on dates up to " + h.text(h.duration(it.money.break.notice)) + " after that are still owed to you, later ones not.";
    } else {
      text += " Fees on later dates are not owed then.";
    }
  }
  text += "\n\nHOW YOU WERE ADVISED\n  You were given these terms, in " + h.text(h.language(it.terms.language)) + ", on " + h.text(h.instant(it.terms.delivered)) + ". Advice: " + h.text(h.pick({ "counsel": "by a lawyer", "union": "by a union", "none": "none" }, it.terms.advice)) + ".\n";
  return text;
}

/** @param {Values} it @param {Helpers} h */
function id(it, h) {
  let text = "";
  text += "MEMO PERJANJIAN\n\nApa yang diminta untuk Anda tanda tangani, dengan kata-kata sederhana. Kontraknya adalah syarat yang ditandatangani; memo ini menerangkan isinya.\n\nDENGAN SIAPA\n  Merek: " + h.text(it.consent.parties.licensee) + ".\n  Kembaran Anda: " + h.text(it.consent.twin) + ".";
  if (h.holds(it.consent.parties.agency)) {
    text += "\n  Agensi Anda ikut serta: " + h.text(it.consent.parties.agency) + ".";
  }
  if (h.holds(it.consent.parties.guardian)) {
    text += "\n  Wali Anda ikut menandatangani: " + h.text(it.consent.parties.guardian) + ".";
  }
  if (h.holds(it.consent.sublicensees)) {
    text += "\n  Yang boleh memakainya untuk merek ini: " + h.text(h.join(it.consent.sublicensees, ", ")) + ".";
  }
  if (h.holds(h.same(it.consent.sublicense, "countersigned"))) {
    text += "\n  Pihak lain juga boleh memakainya untuk merek ini, bila merek ikut menandatangani setiap penggunaan mereka.";
  }
  if (h.holds(it.consent.providers)) {
    text += "\n  Yang boleh menyatakan bahwa Anda telah dibayar: " + h.text(h.join(it.consent.providers, ", ")) + ".";
  }
  if (h.holds(it.consent.parties.union)) {
    text += "\n  Serikat Anda boleh menangguhkan persetujuan ini: " + h.text(it.consent.parties.union) + ".";
  }
  if (h.holds(it.consent.parties.arbiter)) {
    text += "\n  Sengketa diputus oleh: " + h.text(it.consent.parties.arbiter) + ".";
  }
  if (h.holds(it.consent.replaces)) {
    text += "\n  Ini menggantikan persetujuan sebelumnya begitu dicatat: " + h.text(it.consent.replaces) + ".";
    if (h.holds(it.flat)) {
      text += " Biaya tetap menjadi terutang lagi.";
    }
  }
  if (h.holds(it.consent.renews)) {
    text += "\n  Ini memperpanjang persetujuan sebelumnya dan menggantikannya begitu dicatat: " + h.text(it.consent.renews) + ". Yang dihitung di bawahnya dimulai lagi dari awal.";
    if (h.holds(it.flat)) {
      text += " Biaya tetap menjadi terutang lagi.";
    }
  }
  if (h.holds(!h.holds((it.consent.exercise_by === undefined)))) {
    text += "\n  Ini suatu opsi. Tidak ada yang boleh dipakai sebelum merek mengambilnya, dan itu harus terjadi sebelum " + h.text(h.instant(it.consent.exercise_by)) + ". Bila tidak, persetujuan ini berakhir saat itu";
    if (h.holds(it.exclusive)) {
      text += ", tidak lagi menghalangi pihak lain";
    }
    text += " dan tidak ada yang terutang.";
  }
  if (h.holds(it.terms.profile)) {
    text += "\n  Hukum atau perjanjian yang diikuti, di samping yang berlaku di registri ini: " + h.text(h.words("profile", [it.terms.profile])) + ".";
  }
  text += "\n\nAPA YANG BOLEH DILAKUKAN DENGAN KEMBARAN ANDA\n  " + h.text(h.flat(it.terms.description)) + "\n\n  Yang dipakai dari Anda: " + h.text(h.words("rights", it.terms.rights)) + ".\n  Untuk: " + h.text(h.words("purposes", it.terms.purposes)) + ".\n  Produk: " + h.text(h.categories(it.terms.categories));
  if (h.holds(it.terms.categories_denied)) {
    text += ", tetapi tidak pernah " + h.text(h.categories(it.terms.categories_denied));
  }
  text += ".";
  if (h.holds(it.terms.products)) {
    text += "\n  Hanya lini produk ini: " + h.text(h.join(it.terms.products.map(h.flat), ", ")) + ".";
  }
  text += "\n  Tempat tayang: " + h.text(h.words("channels", it.terms.channels)) + ".\n  Ditayangkan sebagai: " + h.text(h.words("placements", it.terms.placements)) + ".\n  Yang boleh diubah: " + h.text((h.holds(it.terms.allow) ? h.words("manipulations", it.terms.allow) : "tidak ada")) + ".";
  if (h.holds(it.terms.approve)) {
    text += "\n  Hanya boleh diubah bila Anda menyetujui hasilnya: " + h.text(h.words("manipulations", it.terms.approve)) + ".";
  }
  text += "\n  Apa pun yang tidak disebut di sini tidak diperbolehkan.\n  Karya baru yang dibuat dari karya sebelumnya: " + h.text(h.pick({ "none": "tidak boleh", "approve": "hanya bila Anda menyetujuinya", "allow": "boleh" }, it.terms.derivatives)) + ".\n  Pelatihan AI: " + h.text(h.pick({ "none": "tidak boleh", "own_twin": "hanya untuk kembaran Anda sendiri", "allow": "boleh" }, it.terms.training)) + ".";
  if (h.holds(h.same(it.terms.approval, "each"))) {
    text += "\n  Setiap berkas memerlukan persetujuan Anda sebelum dipakai.";
    if (h.holds(!h.holds((it.terms.silence === undefined)))) {
      text += " Bila tidak ada yang memutuskan dalam " + h.text(h.duration(it.terms.silence)) + " sejak dinyatakan, dan penggunaan baru dimulai sesudah itu, berkas dianggap disetujui; selain itu, diam berarti ditolak.";
    } else {
      text += " Bila Anda diam, berkas itu ditolak.";
    }
  } else {
    text += "\n  Berkas satu per satu tidak memerlukan persetujuan Anda.";
  }
  if (h.holds(it.terms.caps)) {
    text += "\n  Paling banyak: " + h.text(h.caps(it.terms.caps)) + ".";
    if (h.holds(it.terms.overage)) {
      text += " Lebih dari itu boleh, dengan harga di bawah, untuk: " + h.text(h.words("overage", it.terms.overage)) + ".";
    }
  }
  text += "\n  Label bahwa ini dibuat oleh AI: " + h.text(h.pick({ "none": "tidak disepakati", "visible": "harus terlihat", "marked": "harus ada di dalam berkas", "both": "harus terlihat dan ada di dalam berkas" }, it.terms.label)) + ".\n\nDI MANA\n  " + h.text(h.sentence(h.countries(it.terms.countries)));
  if (h.holds(it.terms.countries_excluded)) {
    text += ", tetapi tidak di: " + h.text(h.countries(it.terms.countries_excluded));
  }
  text += ".";
  if (h.holds(it.terms.spill)) {
    text += "\n  Hingga " + h.text(it.terms.spill) + " dari setiap 10.000 tayangan boleh jatuh di luar wilayah itu.";
  }
  text += "\n\nSAMPAI KAPAN\n  Dari " + h.text(h.instant(it.terms.starts)) + " sampai " + h.text(h.instant(it.terms.ends)) + ", yang terakhir tidak termasuk.";
  if (h.holds(it.terms.run)) {
    text += "\n  Di dalam jangka itu, berakhir " + h.text(h.span(it.terms.run)) + " setelah penggunaan pertama dimulai.";
  }
  if (h.holds(it.terms.late_window)) {
    text += "\n  Penggunaan boleh dinyatakan sampai " + h.text(h.duration(it.terms.late_window)) + " setelah dimulai.";
  }
  if (h.holds(it.terms.sell_off)) {
    text += "\n  Yang sudah berjalan boleh diteruskan selama " + h.text(h.duration(it.terms.sell_off)) + " setelah berakhir atau setelah penarikan.";
  }
  text += "\n\nBERAPA BAYARANNYA";
  for (const fee of it.fees) {
    text += "\n  " + h.text(fee);
  }
  text += "\n  Pembagiannya:";
  for (const split of it.shares) {
    text += "\n    " + h.text(split);
  }
  text += "\n  Jatuh tempo " + h.text(it.money.due.days) + " hari setelah " + h.text(h.pick({ "declared": "penggunaan dinyatakan", "starts": "penggunaan dimulai", "ends": "penggunaan berakhir" }, it.money.due.from)) + ".";
  if (h.holds(it.unused)) {
    text += "\n  Yang terutang tanpa penggunaan jatuh tempo " + h.text(it.money.due.days) + " hari setelah timbul, bila tidak disebut lain di situ.";
  }
  if (h.holds(h.same(it.terms.pay_first, "session"))) {
    text += "\n  Tidak boleh ada penggunaan sebelum diterima biaya tetap yang terutang dengan penandatanganan atau penggunaan pertama, dan yang jatuh tempo sebelum penggunaan dimulai.";
  } else if (h.holds(h.same(it.terms.pay_first, "prepaid"))) {
    text += "\n  Tidak boleh ada penggunaan sebelum dibayar.";
  }
  if (h.holds(!h.holds((it.terms.overdue_limit === undefined)))) {
    text += "\n  Bila pembayaran terlambat lebih dari " + h.text(it.terms.overdue_limit) + " hari, tidak boleh ada penggunaan sampai dibayar.";
  }
  if (h.holds(it.exclusive)) {
    text += "\n\nAPA YANG TIDAK BOLEH DILAKUKAN PIHAK LAIN\n  Dari " + h.text(h.instant(it.exclusive.starts)) + " sampai " + h.text(h.instant(it.exclusive.ends));
    if (h.holds(it.exclusive.hold_off)) {
      text += ", dan selama " + h.text(h.duration(it.exclusive.hold_off)) + " sesudahnya";
    }
    text += ", ";
    if (h.holds((it.exclusive.against === undefined))) {
      text += "tidak ada merek lain yang boleh memakai kembaran Anda";
    } else {
      text += "mereka yang disebut di bawah, dan siapa pun yang mereka kendalikan, tidak boleh memakai kembaran Anda";
    }
    text += " untuk " + h.text(h.categories(it.exclusive.categories)) + " di " + h.text(h.countries(it.exclusive.countries));
    if (h.holds(it.exclusive.countries_excluded)) {
      text += " (kecuali " + h.text(h.countries(it.exclusive.countries_excluded)) + ")";
    }
    text += " melalui " + h.text(h.words("channels", it.exclusive.channels)) + ". Anda tidak dapat menerima pekerjaan lain yang bertemu dengan ini.";
    if (h.holds(!h.holds((it.exclusive.against === undefined)))) {
      text += "\n  Hanya ini yang dihalangi: " + h.text(h.join(it.exclusive.against, ", ")) + ".";
    }
    if (h.holds(it.exclusive.except)) {
      text += "\n  Yang ini tetap boleh Anda izinkan: " + h.text(h.join(it.exclusive.except, ", ")) + ".";
    }
    text += "\n  Bila Anda menarik persetujuan, ini berakhir ";
    if (h.holds(it.exclusive.notice)) {
      text += h.text(h.duration(it.exclusive.notice)) + " setelah penarikan dicatat (seketika, bila registri ini mengikuti hukum Uni Eropa)";
    } else {
      text += "seketika";
    }
    text += ".";
    if (h.holds(!h.holds((it.exclusive.release === undefined)))) {
      text += "\n  Bila pembayaran terlambat, Anda dapat mengakhiri ini saja, ";
      if (h.holds(it.exclusive.release)) {
        text += "yang berlaku " + h.text(h.duration(it.exclusive.release)) + " setelah Anda mencatatkannya";
      } else {
        text += "seketika";
      }
      text += ": pencabutan eksklusivitas saja. Selebihnya tetap berlaku.";
    }
  }
  text += "\n\nCARA MENARIK PERSETUJUAN\n  Anda dapat menariknya kapan saja, tanpa alasan: catat sebuah pencabutan (`registry revoke`). Agensi yang mandatnya memuat kuasa untuk mencabut dapat melakukannya untuk Anda";
  if (h.holds(it.consent.parties.union)) {
    text += "; serikat Anda dapat menangguhkannya";
  }
  text += ".";
  if (h.holds((h.holds(it.terms.notice) && h.holds(!h.same(it.terms.profile, "eu"))))) {
    text += "\n  Berlaku " + h.text(h.duration(it.terms.notice)) + " setelah dicatat (seketika, bila registri ini mengikuti hukum Uni Eropa).";
  } else {
    text += "\n  Berlaku seketika saat dicatat.";
  }
  text += "\n  Yang sudah menjadi hak sampai saat itu tetap harus dibayar.";
  if (h.holds(it.signed)) {
    text += " Yang terutang " + h.text((h.holds(!h.holds((it.consent.exercise_by === undefined))) ? "ketika opsi diambil" : "dengan penandatanganan")) + " tetap terutang setelah penarikan";
    if (h.holds(it.rata)) {
      text += ", sejauh tidak disebut lain di atas";
    }
    text += ".";
  }
  if (h.holds(it.dated)) {
    text += " Biaya pada tanggal sesudahnya tidak terutang lagi.";
  }
  text += "\n  Merek juga dapat mengakhiri ini, kapan saja dan seketika: sesudah itu merek tidak boleh memakai kembaran Anda lagi";
  if (h.holds(it.exclusive)) {
    text += ", dan pihak lain tidak lagi dihalangi untuknya";
  }
  text += ".";
  if (h.holds(it.dated)) {
    if (h.holds((it.money.break === undefined))) {
      text += " Biaya pada tanggal sesudahnya tetap terutang kepada Anda.";
    } else if (h.holds(it.money.break.notice)) {
      text += " Biaya pada tanggal sampai " + h.text(h.duration(it.money.break.notice)) + " sesudahnya masih terutang kepada Anda, yang lebih kemudian tidak.";
    } else {
      text += " Biaya pada tanggal sesudahnya tidak terutang lagi.";
    }
  }
  text += "\n\nBAGAIMANA ANDA DIBERI NASIHAT\n  Anda menerima syarat ini, dalam bahasa " + h.text(h.language(it.terms.language)) + ", pada " + h.text(h.instant(it.terms.delivered)) + ". Nasihat: " + h.text(h.pick({ "counsel": "dari pengacara", "union": "dari serikat", "none": "tidak ada" }, it.terms.advice)) + ".\n";
  return text;
}

/** @type {{readonly [name: string]: (it: Values, h: Helpers) => string}} */
export const TEMPLATES = { "create.en": create_en, "create.id": create_id, "en": en, "id": id };
