"""What product categories are called in Indonesian, beside the standard's own English names.

A translation of ours of the names in :mod:`verifier.statements.categories` (IAB Tech Lab, Ad Product Taxonomy 2.0,
CC BY 3.0), for pages alone. A statement holds the code, and its memo the name as published. Rows of code and name, with
``|`` between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_INDONESIAN: Final = """
1000 Risiko keamanan iklan | 1001 Produk dan jasa dewasa | 1002 Alkohol | 1003 Bar | 1004 Bir |
1005 Soda keras, seltzer, minuman ringan beralkohol | 1006 Minuman keras | 1007 Anggur (wine) |
1008 Budaya dan seni rupa | 1009 Museum dan galeri | 1010 Bisnis dan industri | 1011 Periklanan dan pemasaran |
1012 Jasa bisnis | 1013 Konsultansi | 1014 Jasa pencatatan biaya dan jam kerja karyawan | 1015 Perencanaan acara |
1016 Sumber daya manusia dan perekrutan | 1017 Jasa teknologi informasi | 1018 Jasa binatu dan cuci kering |
1019 Logistik dan pengiriman | 1020 Peralatan dan perlengkapan kantor | 1021 Fotografer | 1022 Jasa cetak/faks/WiFi |
1023 Hubungan masyarakat dan komunikasi strategis | 1024 Keamanan dan perlindungan | 1025 Fasilitas penyimpanan |
1026 Jasa telekomunikasi | 1027 Hosting web dan komputasi awan | 1028 Konstruksi | 1029 Industri energi |
1030 Industri tenaga listrik | 1031 Jasa energi | 1032 Energi hijau | 1033 Minyak, gas, dan bahan bakar |
1034 Kehutanan dan penebangan | 1035 Penyimpanan industri | 1036 Perindustrian | 1037 Kedirgantaraan dan pertahanan |
1038 Konstruksi dan rekayasa | 1039 Konglomerat industri | 1040 Perusahaan dagang dan distributor |
1041 Transportasi | 1042 Manufaktur | 1043 Medis dan bioteknologi | 1044 Pertambangan dan penggalian |
1045 Sains dan laboratorium | 1046 Papan tanda | 1047 Usaha kecil | 1048 Pembuangan dan daur ulang sampah |
1049 Ganja | 1050 Produk ganja konsumsi | 1051 Minuman ganja | 1052 Makanan ganja | 1053 Peralatan ganja |
1054 Toko ganja | 1055 Saham ganja | 1056 Produk CBD konsumsi | 1057 Produk CBD oles | 1058 Pakaian dan aksesori |
1059 Pakaian | 1060 Pakaian anak | 1061 Pakaian hamil | 1062 Pakaian pria | 1063 Pakaian olahraga |
1064 Pakaian renang | 1065 Pakaian dalam | 1066 Gaun pengantin/busana pengantin/tuksedo | 1067 Pakaian wanita |
1068 Aksesori pakaian | 1069 Kostum dan aksesori | 1070 Alas kaki | 1071 Aksesori alas kaki |
1072 Tas tangan dan dompet | 1073 Perhiasan dan jam tangan | 1074 Kacamata hitam | 1075 Koleksi dan barang antik |
1076 Barang antik | 1077 Koin dan uang kertas | 1078 Barang koleksi | 1079 Kenang-kenangan hiburan |
1080 Kenang-kenangan olahraga dan kartu koleksi | 1081 Prangko | 1082 Perangkat lunak komputer |
1083 Ekstensi peramban | 1084 Utilitas unduhan | 1085 Perangkat lunak perusahaan |
1086 Perangkat lunak komputer pribadi | 1087 Bilah alat | 1088 Jasa kecantikan | 1089 Salon kecantikan |
1090 Salon rambut | 1091 Penghilangan bulu | 1092 Pemulihan rambut | 1093 Salon kuku | 1094 Spa medis |
1095 Tindik dan tato | 1096 Salon penggelapan kulit | 1097 Elektronik konsumen | 1098 Peralatan arkade |
1099 Kamkorder | 1100 Kamera dan foto | 1101 Aksesori kamera dan foto | 1102 Kamera | 1103 Aplikasi foto |
1104 Papan sirkuit dan komponen | 1105 Elektronik komunikasi | 1106 Komputer | 1107 Laptop | 1108 Komputer meja |
1109 Pembaca buku elektronik | 1110 Aksesori elektronik | 1111 Headphone | 1112 Sistem bioskop rumah |
1113 Elektronik kelautan | 1114 Ponsel dan aksesori | 1115 Jaringan | 1116 Pencetak/mesin fotokopi/pemindai/faks |
1117 Perangkat keamanan | 1118 Tablet | 1119 Televisi | 1120 Permainan video | 1121 Permainan video dan konsol |
1122 Aksesori konsol permainan | 1123 Barang kebutuhan sehari-hari | 1124 Produk bayi dan balita | 1125 Popok |
1126 Produk menyusui dan makan bayi | 1127 Perlengkapan kembali ke sekolah | 1128 Barbeku | 1129 Arang |
1130 Cairan penyulut arang | 1131 Minuman | 1132 Minuman ringan berkarbonasi | 1133 Kopi dan teh |
1134 Campuran minuman | 1135 Jus | 1136 Minuman olahraga/energi | 1137 Air minum | 1138 Kosmetik |
1139 Aksesori kosmetik | 1140 Kosmetik kuku | 1141 Kosmetik mata | 1142 Kosmetik wajah | 1143 Kosmetik bibir |
1144 Penyimpanan kosmetik | 1145 Peralatan makan sekali pakai | 1146 Gelas dan piring | 1147 Alat makan sekali pakai |
1148 Kertas timah, pembungkus, dan kantong | 1149 Loyang aluminium foil | 1150 Kertas timah dan pembungkus |
1151 Kantong makanan dan sampah | 1152 Wewangian | 1153 Wewangian wanita | 1154 Losion cukur/wewangian pria |
1155 Makanan beku | 1156 Roti dan kue beku | 1157 Minuman beku | 1158 Hidangan penutup beku |
1159 Buah dan sayur beku | 1160 Jus beku | 1161 Hidangan beku | 1162 Daging/unggas/hasil laut beku |
1163 Camilan beku | 1164 Makanan beku lainnya | 1165 Makanan umum | 1166 Makanan bayi | 1167 Roti dan kue |
1168 Bahan kue | 1169 Sarapan | 1170 Permen | 1171 Bumbu dan saus | 1172 Biskuit dan kraker | 1173 Buah |
1174 Hidangan | 1175 Camilan | 1176 Sayuran | 1177 Barang dagangan umum | 1178 Perlengkapan perawatan diri |
1179 Perawatan rambut | 1180 Aksesori rambut | 1181 Pewarna rambut | 1182 Kondisioner rambut |
1183 Produk penumbuh rambut | 1184 Semprotan rambut | 1185 Gel/mousse penata rambut |
1186 Perangkat keriting/pelurus rambut di rumah | 1187 Sampo | 1188 Produk tinggi lemak, gula, garam |
1189 Perawatan rumah | 1190 Pembersih rumah tangga | 1191 Cucian | 1192 Kaus kaki dan stoking | 1193 Stoking nilon |
1194 Kaus kaki | 1195 Stoking ketat | 1196 Rumah tangga/plastik/penyimpanan | 1197 Botol | 1198 Wadah minum |
1199 Plastik rumah tangga | 1200 Penyimpanan dapur | 1201 Paket masak | 1202 Barang dagangan lain-lain |
1203 Perlengkapan kantor/sekolah | 1204 Perlengkapan seni anak | 1205 Cakram komputer terformat/belum |
1206 Produk kantor | 1207 Alat tulis | 1208 Obat bebas | 1209 Produk kertas | 1210 Tisu wajah | 1211 Serbet kertas |
1212 Tisu dapur | 1213 Tisu toilet | 1214 Perawatan pribadi | 1215 Kebersihan pribadi | 1216 Produk mandi |
1217 Penggosok mandi/tubuh dan pemijat | 1218 Deodoran | 1219 Tisu basah | 1220 Sabun | 1221 Pengendalian hama |
1222 Bahan kimia serangga/tikus luar ruang | 1223 Pembasmi hama | 1224 Perawatan hewan peliharaan |
1225 Pasir kucing/anjing | 1226 Makanan hewan peliharaan | 1227 Perlengkapan hewan peliharaan |
1228 Camilan hewan peliharaan | 1229 Makanan dingin | 1230 Produk susu | 1231 Roti dan kue dingin |
1232 Minuman dingin | 1233 Bumbu dingin | 1234 Hidangan penutup dingin | 1235 Adonan dingin | 1236 Hidangan dingin |
1237 Daging dingin | 1238 Makanan dingin lain-lain | 1239 Barang keagamaan | 1240 Pencukuran | 1241 Silet |
1242 Alat cukur | 1243 Krim cukur | 1244 Perawatan kulit | 1245 Losion tangan dan tubuh |
1246 Produk perawatan kulit | 1247 Produk berjemur | 1248 Mainan dan permainan | 1249 Permainan |
1250 Alat bermain luar ruang | 1251 Teka-teki | 1252 Mainan | 1253 Vitamin dan suplemen | 1254 Suplemen pencernaan |
1255 Suplemen penurun berat badan | 1256 Pengolahan air | 1257 Penyaring/alat air | 1258 Pelunak/pengolah air |
1259 Kencan | 1260 Hubungan santai | 1261 Hubungan serius | 1262 Isu sosial sensitif yang diperdebatkan |
1263 Barang tahan lama | 1264 Elektronik/fotografi | 1265 Baterai | 1266 Media audio/video kosong |
1267 Perlengkapan fotografi | 1268 Mebel | 1269 Mebel dalam ruang | 1270 Mebel luar ruang | 1271 Alat perawatan diri |
1272 Alat cukur listrik | 1273 Alat rambut | 1274 Perkakas dan perangkat keras | 1275 Perangkat keras konsumen |
1276 Perangkat keras industri | 1277 Produk rumah dan kebun | 1278 Aksesori kamar mandi |
1279 Mebel dan aksesori kamar tidur | 1280 Karpet dan permadani | 1281 Perapian | 1282 Dekorasi rumah |
1283 Barang pecah belah | 1284 Produk dapur dan ruang makan | 1285 Produk halaman dan kebun | 1286 Pencahayaan |
1287 Linen dan perlengkapan tidur | 1288 Tanaman | 1289 Peralatan rumah tangga | 1290 Koper dan tas |
1291 Diet dan penurunan berat badan | 1292 Pencatatan makanan | 1293 Jasa penurunan berat badan |
1294 Aplikasi pencatat olahraga dan langkah | 1295 Pendidikan dan karier | 1296 Pendidikan orang dewasa |
1297 Program sertifikasi | 1298 Perguruan tinggi dan universitas | 1299 Pendidikan pascasarjana |
1300 Aplikasi pendidikan | 1301 Agen tenaga kerja | 1302 Pendidikan tinggi | 1303 Belajar bahasa |
1304 Pendidikan daring | 1305 Pendidikan dasar | 1306 Kerja dan sekolah jarak jauh | 1307 Pembelajaran jarak jauh |
1308 Sekolah di rumah | 1309 Survei daring | 1310 Pemasaran berjenjang | 1311 Kerja jarak jauh |
1312 Keterampilan belajar | 1313 Bahan ajar | 1314 Sekolah kejuruan | 1315 Acara dan pertunjukan | 1316 Lelang |
1317 Bioskop dan acara film | 1318 Acara komedi | 1319 Konser | 1320 Konferensi, kuliah, dan lokakarya |
1321 Pameran | 1322 Konvensi penggemar | 1323 Acara mode | 1324 Hiburan malam | 1325 Acara olahraga |
1326 Acara musiman dan hari raya | 1327 Teater dan musikal | 1328 Keluarga dan pengasuhan | 1329 Pengasuhan anak |
1330 Tempat penitipan anak | 1331 Jasa pengasuh anak | 1332 Silsilah dan pohon keluarga | 1333 Kegiatan anak |
1334 Hunian lansia | 1335 Keuangan dan asuransi | 1336 Akuntan dan pembukuan | 1337 Perbankan |
1338 Perbaikan kredit dan utang/laporan kredit | 1339 Kartu kredit | 1340 Asuransi | 1341 Asuransi mobil |
1342 Asuransi rumah | 1343 Asuransi jiwa | 1344 Asuransi kesehatan | 1345 Asuransi hewan peliharaan |
1346 Asuransi perjalanan | 1347 Aplikasi pertanggungan asuransi | 1348 Pemberi dan perantara hipotek |
1349 Pinjaman gaji dan darurat | 1350 Perencanaan pensiun | 1351 Saham dan investasi |
1352 Aplikasi investasi dan pengelolaan keuangan | 1353 Bantuan keuangan mahasiswa | 1354 Jasa penyusunan pajak |
1355 Jasa makanan dan minuman | 1356 Toko roti | 1357 Katering | 1358 Makanan cepat saji | 1359 Jasa antar makanan |
1360 Restoran | 1361 Perjudian | 1362 Kasino | 1363 Kontes | 1364 Bagi-bagi hadiah | 1365 Lotre |
1366 Taruhan olahraga | 1367 Taruhan virtual | 1368 Hijau/ramah lingkungan | 1369 Produk hijau/ramah lingkungan |
1370 Jasa hijau/ramah lingkungan | 1371 Hadiah dan barang hari raya | 1372 Bunga | 1373 Keranjang hadiah |
1374 Kartu hadiah dan kupon | 1375 Sertifikat hadiah | 1376 Kartu ucapan | 1377 Perlengkapan pesta |
1378 Jasa kesehatan dan medis | 1379 Pengobatan alternatif dan alami | 1380 Hunian berbantuan | 1381 Kiropraktor |
1382 Penelitian klinis | 1383 Jasa medis kosmetik | 1384 Perawatan gigi | 1385 Dermatologi |
1386 Toko obat dan apotek | 1387 Kesuburan dan keluarga berencana | 1388 Dokter umum |
1389 Perawatan kesehatan di rumah | 1390 Rumah sakit | 1391 Kesehatan jiwa | 1392 Fisioterapis |
1393 Pencarian dan penjadwalan penyedia jasa | 1394 Aplikasi pemantau gejala | 1395 Perawatan penglihatan |
1396 Jasa rumah dan kebun | 1397 Perbaikan peralatan | 1398 Jasa keamanan usaha dan rumah |
1399 Jasa karpet dan lantai | 1400 Aplikasi kerjakan sendiri | 1401 Kesiapsiagaan darurat |
1402 Keselamatan banjir, api, dan gas | 1403 Jasa gas dan listrik | 1404 Renovasi dan perbaikan rumah |
1405 Aplikasi keamanan dan pemantauan rumah | 1406 Ulasan penyedia jasa rumah | 1407 Jasa kebersihan rumah |
1408 Jasa lanskap | 1409 Jasa halaman dan kebun | 1410 Pembasmian hama | 1411 Tukang ledeng |
1412 Pemasangan dan perawatan kolam renang dan spa | 1413 Pemugaran dan konstruksi | 1414 Jasa air |
1415 Pemasangan jendela dan perlengkapannya | 1416 Jasa hukum | 1417 Pengacara | 1418 Jaminan penangguhan penahanan |
1419 Media | 1420 Blog/forum/jejaring sosial | 1421 Aplikasi baca dan ulasan buku | 1422 Buku dan buku audio |
1423 Permainan kasual | 1424 Aplikasi permainan kasual | 1425 Permainan inti | 1426 Aplikasi permainan inti |
1427 CD dan piringan hitam | 1428 DVD | 1429 Televisi langsung | 1430 Majalah dan surat kabar |
1431 Layanan streaming musik dan video | 1432 Berita dan analisis | 1433 Radio dan siniar | 1434 Olahraga |
1435 Olahraga fantasi | 1436 Cuplikan olahraga | 1437 Berita dan analisis tim | 1438 Aplikasi utilitas |
1439 Aplikasi produktivitas | 1440 Aplikasi rujukan | 1441 Aplikasi mesin pencari | 1442 Aplikasi cuaca | 1443 Logam |
1444 Tukar tambah koin | 1445 Tukar tambah emas | 1446 Tukar tambah platina | 1447 Tukar tambah perak |
1448 Mata uang non-fiat | 1449 Bursa mata uang kripto | 1450 Saham mata uang kripto | 1451 NFT | 1452 Nirlaba |
1453 Amal dan donasi | 1454 Organisasi kewargaan | 1455 Federasi dan asosiasi profesi | 1456 Organisasi militer |
1457 Lembaga swadaya masyarakat | 1458 Iklan layanan masyarakat | 1459 Beasiswa | 1460 Memelihara hewan |
1461 Adopsi hewan peliharaan | 1462 Peternak hewan peliharaan | 1463 Aplikasi perawatan dan perlengkapan hewan |
1464 Perawatan bulu hewan | 1465 Penitipan hewan | 1466 Jasa dokter hewan | 1467 Telekomunikasi pribadi/konsumen |
1468 Jasa internet rumah | 1469 Jasa telepon rumah | 1470 Jasa televisi rumah | 1471 Paket ponsel |
1472 Jasa telepon internasional prabayar | 1473 Farmasi | 1474 Politik | 1475 Usulan pemungutan suara | 1476 Pemilu |
1477 Komite aksi politik | 1478 Analisis dan opini politik | 1479 Calon politik | 1480 Donasi politik |
1481 Referendum atau kampanye isu (misalnya reformasi kesehatan, perdagangan energi) | 1482 Real estat |
1483 Real estat komersial | 1484 Penyewaan real estat | 1485 Penjualan real estat |
1486 Jasa real estat bagi pemilik | 1487 Agama dan spiritualitas | 1488 Astrologi | 1489 Aplikasi doa dan kesadaran |
1490 Layanan doa dan ibadah | 1491 Gerakan keagamaan | 1492 Amal keagamaan | 1493 Organisasi keagamaan | 1494 Ritel |
1495 Perlengkapan seni dan kerajinan | 1496 Toko ponsel | 1497 Toko pakaian | 1498 Toko serba ada |
1499 Perdagangan elektronik | 1500 Toko pabrik | 1501 Toko bahan makanan dan supermarket | 1502 Toko perkakas |
1503 Toko alat musik dan rekaman | 1504 Pegadaian | 1505 Toko hewan dan perlengkapannya | 1506 Pusat perbelanjaan |
1507 Toko khusus | 1508 Toko alat olahraga | 1509 Jasa tiket | 1510 Kegiatan kebugaran | 1511 Studio tari |
1512 Pusat kebugaran | 1513 Liga olahraga peserta | 1514 Pelatih pribadi | 1515 Kelas bela diri |
1516 Fasilitas renang | 1517 Aplikasi pencatat latihan dan langkah | 1518 Studio yoga | 1519 Kesehatan seksual |
1520 Kontrasepsi | 1521 Obat resep dokter | 1522 Aplikasi pelacak kesuburan | 1523 Penambah stamina tanpa resep |
1524 Alat olahraga | 1525 Peralatan atletik | 1526 Peralatan latihan dan kebugaran |
1527 Peralatan permainan dalam ruang | 1528 Peralatan rekreasi luar ruang | 1529 Perjalanan dan pariwisata |
1530 Akomodasi | 1531 Penginapan dan sarapan | 1532 Berkemah dan bumi perkemahan | 1533 Hotel dan resor | 1534 Motel |
1535 Hak pakai bersama | 1536 Penyewaan rumah liburan | 1537 Perjalanan udara | 1538 Kapal pesiar |
1539 Perjalanan kereta | 1540 Tur dan kegiatan wisata | 1541 Agen perjalanan dan layanan perjalanan daring |
1542 Paket perjalanan | 1543 Aplikasi perencanaan perjalanan | 1544 Tembakau | 1545 Cerutu | 1546 Rokok |
1547 Tembakau tanpa asap | 1548 Vape | 1549 Kartrid vape | 1550 Alat penguap | 1551 Kendaraan | 1552 Sewa guna mobil |
1553 Kepemilikan mobil | 1554 Kepemilikan kendaraan baru | 1555 Kepemilikan mobil bekas | 1556 Produk otomotif |
1557 Produk perawatan otomotif | 1558 Suku cadang dan aksesori otomotif | 1559 Suku cadang dan aksesori purnajual |
1560 Jasa otomotif | 1561 Derek mobil | 1562 Bengkel mobil | 1563 Cuci mobil | 1564 Aplikasi penjualan otomotif |
1565 Jasa berbagi tumpangan | 1566 Jasa taksi | 1567 Penyewaan kendaraan | 1568 Jenis kendaraan | 1569 Kapal |
1570 Kendaraan diesel | 1571 Kendaraan listrik | 1572 Kendaraan bensin | 1573 Kendaraan hibrida |
1574 Kendaraan rekreasi | 1575 Skuter, sepeda motor, dan sepeda listrik | 1576 Senjata dan amunisi | 1577 Amunisi |
1578 Senjata api | 1579 Aksesori senjata api | 1580 Pameran dan lelang senjata api | 1581 Senjata bukan proyektil |
1582 Taser dan senjata kejut | x-fur Bulu hewan | x-leather Kulit hewan | x-religion Agama
"""

NAMES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({
    "id": MappingProxyType(dict(row.strip().split(" ", 1) for row in _INDONESIAN.split("|")))
})  # fmt: skip
"""Language -> code -> name. English is the standard's own."""
